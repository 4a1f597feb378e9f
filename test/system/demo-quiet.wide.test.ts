import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { GridCase } from '@dipper/contract/api/case';
import type { DeviceView, EventView } from '@dipper/contract/api/inventory';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { startDemo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Longer than the scene's loop: everybody in it has come and gone. */
const A_LOOP_MS = 50_000;
const PLACE = 'lanting-service-gate';

async function quietDemo(env: Record<string, string>) {
  const dataDir = mkdtempSync(join(tmpdir(), 'dipper-quiet-'));
  const demo = await startDemo({ cwd: root, command: 'npm start', dataDir, env });
  const client = await demo.signIn();
  return {
    demo,
    client,
    async [Symbol.asyncDispose]() {
      await demo.clear();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

describe('no alarm comes', () => {
  it('when nobody walks up: no capture, no alarm, no case', async () => {
    await using quiet = await quietDemo({ DIPPER_SCENE: 'empty' });
    await eventually('the camera to be online', async () =>
      (await quiet.client.list<DeviceView>('/api/v1/devices')).some(
        ({ state }) => state?.kind === 'camera' && state.connection === 'online',
      ),
    );
    await delay(A_LOOP_MS);
    expect(await quiet.client.list<EventView>('/api/v1/events?type=face.captured')).toEqual([]);
    expect(await quiet.client.list<Alarm>('/api/v1/alarms')).toEqual([]);
    expect(await quiet.client.list<GridCase>('/api/v1/cases')).toEqual([]);
  }, 240_000);

  it('when somebody comes inside opening hours: a capture, no alarm, no case', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'dipper-places-'));
    const placesFile = join(dir, 'places.yaml');
    writeFileSync(placesFile, alwaysOpen(readFileSync(join(root, 'config/places.yaml'), 'utf8')));
    await using quiet = await quietDemo({ DIPPER_PLACES: placesFile });
    await eventually(
      'a capture',
      async () => (await quiet.client.list<EventView>('/api/v1/events?type=face.captured'))[0],
      {
        withinMs: A_LOOP_MS,
      },
    );
    await delay(5_000);
    expect(await quiet.client.list<Alarm>('/api/v1/alarms')).toEqual([]);
    expect(await quiet.client.list<GridCase>('/api/v1/cases')).toEqual([]);
    rmSync(dir, { recursive: true });
  }, 240_000);
});

/** The sample places with the demo's gate open around the clock. */
function alwaysOpen(text: string): string {
  const places = parseDocument(text);
  const list = places.toJS() as { places: { id: string }[] };
  const index = list.places.findIndex(({ id }) => id === PLACE);
  if (index === -1) throw new Error(`config/places.yaml has no ${PLACE}`);
  const allDay = ['00:00-24:00'];
  const weekly = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, allDay]));
  places.setIn(['places', index, 'hours'], { timeZone: 'Asia/Shanghai', weekly });
  return places.toString();
}
