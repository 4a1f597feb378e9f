import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { GridCase } from '@dipper/contract/api/case';
import type { DeviceView } from '@dipper/contract/api/inventory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ApiClient } from '../support/api-client.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CAMERA = 'lanting-service-face';
const BARRIER = 'lanting-service-barrier';

/** Everything that can go wrong on the street, seen from the duty desk: an alarm each, cleared when it is over. */
describe('what goes wrong on the street', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'dipper-faults-'));
  let demo: Demo;
  let client: ApiClient;
  let control: string;

  const street = async (method: string, path: string): Promise<void> => {
    const answer = await fetch(`${control}${path}`, { method });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  };
  const alarmOf = async (rule: string, active: boolean): Promise<Alarm | undefined> =>
    (await client.list<Alarm>(`/api/v1/alarms?rule=${rule}`)).find((alarm) => alarm.active === active);
  const raised = (rule: string, withinMs = 60_000): Promise<Alarm> =>
    eventually(`${rule} to be raised`, () => alarmOf(rule, true), { withinMs, everyMs: 500 });
  const cleared = (rule: string, withinMs = 60_000): Promise<Alarm> =>
    eventually(`${rule} to be cleared`, async () => ((await alarmOf(rule, true)) ? false : alarmOf(rule, false)), {
      withinMs,
      everyMs: 500,
    });
  const killPart = (name: string): void => {
    const part = demo.family().find(({ command }) => command.includes(name));
    if (part === undefined) throw new Error(`no process of ${name}`);
    process.kill(part.pid, 'SIGKILL');
  };

  beforeAll(async () => {
    demo = await startDemo({ cwd: root, command: 'npm start', dataDir, env: { DIPPER_SCENE: 'still' } });
    client = await demo.signIn();
    const { controlPort } = parse(readFileSync(join(dataDir, 'simulator/simulator.yaml'), 'utf8')) as {
      controlPort: number;
    };
    control = `http://127.0.0.1:${controlPort}`;
    await eventually('both devices online', async () => {
      const devices = await client.list<DeviceView>('/api/v1/devices');
      return devices.length === 2 && devices.every(({ state }) => state?.connection === 'online');
    });
  }, 240_000);

  afterAll(async () => {
    await demo?.clear();
    rmSync(dataDir, { recursive: true, force: true });
  }, 30_000);

  it('a barrier forced open', async () => {
    await street('POST', `/devices/${BARRIER}/force`);
    const alarm = await raised('barrier-forced', 15_000);
    expect(alarm).toMatchObject({ priority: 'critical', device: BARRIER });
    const cases = await client.list<GridCase>(`/api/v1/cases?incident=${alarm.incident}`);
    expect(cases).toHaveLength(1);
    await street('POST', `/devices/${BARRIER}/close`);
    await cleared('barrier-forced', 15_000);
  }, 60_000);

  it.each([
    ['cover', 'camera-covered'],
    ['freeze', 'camera-frozen'],
    ['freeze-behind-clock', 'camera-frozen'],
  ])(
    'a camera’s picture: %s',
    async (fault, rule) => {
      await street('PUT', `/devices/${CAMERA}/faults/${fault}`);
      await raised(rule);
      await street('DELETE', `/devices/${CAMERA}/faults/${fault}`);
      await cleared(rule);
    },
    130_000,
  );

  it.each([
    ['unplug', 'unreachable'],
    ['wrong-password', 'refused'],
  ])(
    'a camera that is gone: %s',
    async (fault, connection) => {
      await street('PUT', `/devices/${CAMERA}/faults/${fault}`);
      await raised('camera-offline', 90_000);
      // A stream that was cut is unreachable until the camera has answered the next attempt.
      await eventually(
        `the camera to be ${connection}`,
        async () => (await client.get<DeviceView>(`/api/v1/devices/${CAMERA}`)).state?.connection === connection,
        { withinMs: 60_000, everyMs: 500 },
      );
      await street('DELETE', `/devices/${CAMERA}/faults/${fault}`);
      await cleared('camera-offline', 90_000);
    },
    200_000,
  );

  it.each(['edge/agent/main.ts', 'hub/main.ts', 'broker/main.ts', 'database/main.ts'])(
    '%s killed: it comes back, and alarms come through again',
    async (part) => {
      killPart(part);
      await eventually(`a forced barrier to be noticed after ${part} was killed`, forceAndClose, { withinMs: 90_000 });
      await cleared('barrier-forced', 30_000);
    },
    150_000,
  );

  /** Forced while nobody watches, a barrier is open and not forced: so it is closed again for the next attempt. */
  async function forceAndClose(): Promise<Alarm> {
    await street('POST', `/devices/${BARRIER}/force`);
    try {
      return await raised('barrier-forced', 8_000);
    } finally {
      await street('POST', `/devices/${BARRIER}/close`);
      await delay(3_000);
    }
  }
});
