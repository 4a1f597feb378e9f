import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { GridCase } from '@dipper/contract/api/case';
import type { DeviceView } from '@dipper/contract/api/inventory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO } from '../../services/standalone/demo-files.ts';
import type { ApiClient } from '../support/api-client.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { addCameras, controlOf, placesWithCameras } from '../support/demo-cameras.ts';
import { eventually } from '../support/eventually.ts';
import { type SimulatedStreet, startSimulatedStreet } from '../support/simulated-street.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BARRIER = DEMO.barrier;
/** Each fault has a camera of its own: what one takes to be noticed and to pass is not waited for by the others. */
const FAULTS = ['cover', 'freeze', 'freeze-behind-clock', 'unplug', 'wrong-password'] as const;
const cameraOf = (fault: string): string => `camera-${fault}`;

type EstateState = SimulatedStreet['estate']['state'];

/** Everything that can go wrong on the street, seen from the duty desk: an alarm each, cleared when it is over. */
describe('what goes wrong on the street', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'dipper-faults-'));
  let demo: Demo;
  let client: ApiClient;
  let cameras: SimulatedStreet;
  let control: string;

  const atBarrier = async (what: 'force' | 'close'): Promise<void> => {
    const answer = await fetch(`${control}/devices/${BARRIER}/${what}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`${what} answered ${answer.status}: ${await answer.text()}`);
  };
  const alarmOf = async (rule: string, device: string, active: boolean): Promise<Alarm | undefined> =>
    (await client.list<Alarm>(`/api/v1/alarms?rule=${rule}`)).find(
      (alarm) => alarm.device === device && alarm.active === active,
    );
  const raised = (rule: string, device: string, withinMs = 90_000): Promise<Alarm> =>
    eventually(`${rule} to be raised`, () => alarmOf(rule, device, true), { withinMs, everyMs: 500 });
  const cleared = (rule: string, device: string, withinMs = 90_000): Promise<Alarm> =>
    eventually(
      `${rule} to be cleared`,
      async () => ((await alarmOf(rule, device, true)) ? false : alarmOf(rule, device, false)),
      { withinMs, everyMs: 500 },
    );
  const stateOf = async (device: string) => (await client.get<DeviceView>(`/api/v1/devices/${device}`)).state;

  beforeAll(async () => {
    cameras = await startSimulatedStreet(FAULTS.map(cameraOf), 'still');
    for (const fault of ['cover', 'freeze-behind-clock']) {
      // Rendered before anybody watches: it would take the cameras' time.
      await cameras.estate.setFault(cameraOf(fault), fault);
      await cameras.estate.clearFault(cameraOf(fault), fault);
    }
    const placesFile = join(dataDir, 'places.yaml');
    writeFileSync(placesFile, placesWithCameras(FAULTS.map(cameraOf), DEMO.place).toString());
    const env = { DIPPER_SCENE: 'still', DIPPER_PLACES: placesFile };
    demo = await startDemo({ cwd: root, command: 'npm start', dataDir, env });
    client = await demo.signIn();
    control = controlOf(dataDir);
    addCameras(dataDir, cameras, DEMO.place, { faces: false });
    await eventually(
      'every device online',
      async () => {
        const devices = await client.list<DeviceView>('/api/v1/devices');
        return devices.length === FAULTS.length + 2 && devices.every(({ state }) => state?.connection === 'online');
      },
      { withinMs: 60_000 },
    );
  }, 240_000);

  afterAll(async () => {
    await demo?.clear();
    await cameras?.close();
    rmSync(dataDir, { recursive: true, force: true });
  }, 30_000);

  describe.concurrent('is an alarm, until it is over', () => {
    it('a barrier forced open', async () => {
      await atBarrier('force');
      const alarm = await raised('barrier-forced', BARRIER, 15_000);
      expect(alarm).toMatchObject({ priority: 'critical', device: BARRIER });
      // Everything else that goes wrong at this gate now falls into the same incident.
      expect(await client.list<GridCase>(`/api/v1/cases?incident=${alarm.incident}`)).toHaveLength(1);
      await atBarrier('close');
      await cleared('barrier-forced', BARRIER, 15_000);
    }, 60_000);

    it.each([
      ['cover', 'camera-covered'],
      ['freeze', 'camera-frozen'],
      ['freeze-behind-clock', 'camera-frozen'],
    ])(
      'a camera’s picture: %s',
      async (fault, rule) => {
        const camera = cameraOf(fault);
        await cameras.estate.setFault(camera, fault);
        await raised(rule, camera);
        await cameras.estate.clearFault(camera, fault);
        await cleared(rule, camera);
      },
      200_000,
    );

    it.each([
      ['unplug', 'unreachable'],
      ['wrong-password', 'refused'],
    ])(
      'a camera that is gone: %s',
      async (fault, connection) => {
        const camera = cameraOf(fault);
        await cameras.estate.setFault(camera, fault);
        await raised('camera-offline', camera, 90_000);
        // A stream that was cut is unreachable until the camera has answered the next attempt.
        await eventually(
          `the camera to be ${connection}`,
          async () => (await stateOf(camera))?.connection === connection,
          { withinMs: 60_000, everyMs: 500 },
        );
        await cameras.estate.clearFault(camera, fault);
        await cleared('camera-offline', camera, 90_000);
      },
      200_000,
    );
  });

  it('nobody else notices: of a camera that nothing was done to none of that is told', async () => {
    const alarms = await client.list<Alarm>('/api/v1/alarms?limit=200');
    const rules = ['camera-covered', 'camera-frozen', 'camera-moved', 'camera-offline'];
    expect(alarms.filter(({ device, rule }) => device === DEMO.camera && rules.includes(rule))).toEqual([]);
    expect(await stateOf(DEMO.camera)).toMatchObject({ picture: 'ok' });
  });

  it.each(['edge/agent/main.ts', 'hub/main.ts', 'broker/main.ts', 'database/main.ts'])(
    '%s killed: it comes back, and alarms come through again',
    async (part) => {
      const running = demo.family().find(({ command }) => command.includes(part));
      if (running === undefined) throw new Error(`no process of ${part}`);
      const killedAtMs = Date.now();
      process.kill(running.pid, 'SIGKILL');
      const isNoticed = async (): Promise<Alarm | undefined> =>
        (await client.list<Alarm>('/api/v1/alarms?rule=barrier-forced')).find(
          ({ raisedAt }) => Date.parse(raisedAt) > killedAtMs,
        );
      await eventually(`a forced barrier to be noticed after ${part} was killed`, () => forceAndClose(isNoticed), {
        withinMs: 90_000,
      });
      await cleared('barrier-forced', BARRIER, 30_000);
    },
    150_000,
  );

  /** Forced while nobody watches, a barrier is open and not forced: so it is closed again for the next attempt. */
  async function forceAndClose(isNoticed: () => Promise<Alarm | undefined>): Promise<Alarm> {
    await atBarrier('force');
    try {
      return await eventually('it is noticed', isNoticed, { withinMs: 4_000, everyMs: 250 });
    } finally {
      await atBarrier('close');
      await eventually('the arm is down', isArmDown);
    }
  }

  async function isArmDown(): Promise<boolean> {
    const { devices } = (await (await fetch(`${control}/state`)).json()) as EstateState;
    return devices.some(({ id, barrier }) => id === BARRIER && barrier?.arm === 'down');
  }
});
