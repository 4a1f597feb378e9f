import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { GridCase } from '@dipper/contract/api/case';
import type { DeviceView, EventView } from '@dipper/contract/api/inventory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Document } from 'yaml';
import { DEMO } from '../../services/standalone/demo-files.ts';
import type { ApiClient } from '../support/api-client.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { addCameras, controlOf, placesWithCameras } from '../support/demo-cameras.ts';
import { eventually } from '../support/eventually.ts';
import { type SimulatedStreet, startSimulatedStreet } from '../support/simulated-street.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const OPEN_GATE = 'lanting-east-gate';
const OPEN_CAMERA = 'open-gate-camera';

type EstateState = SimulatedStreet['estate']['state'];

/** At the demo's own gate, which is closed, nobody walks up; at another, which is open, people come and go. */
describe('no alarm comes', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'dipper-quiet-'));
  let street: SimulatedStreet;
  let demo: Demo;
  let client: ApiClient;

  const capturesOf = async (device: string): Promise<EventView[]> =>
    (await client.list<EventView>('/api/v1/events?type=face.captured&limit=200')).filter(
      (event) => event.device === device,
    );

  beforeAll(async () => {
    street = await startSimulatedStreet([OPEN_CAMERA]);
    const placesFile = join(dataDir, 'places.yaml');
    writeFileSync(placesFile, alwaysOpen(placesWithCameras([OPEN_CAMERA], OPEN_GATE)));
    const env = { DIPPER_SCENE: 'empty', DIPPER_PLACES: placesFile };
    demo = await startDemo({ cwd: root, command: 'npm start', dataDir, env });
    client = await demo.signIn();
    addCameras(dataDir, street, OPEN_GATE, { faces: true });
    await eventually(
      'every device online',
      async () => {
        const devices = await client.list<DeviceView>('/api/v1/devices');
        return devices.length === 3 && devices.every(({ state }) => state?.connection === 'online');
      },
      { withinMs: 60_000 },
    );
  }, 240_000);

  afterAll(async () => {
    await demo?.clear();
    await street?.close();
    rmSync(dataDir, { recursive: true, force: true });
  }, 30_000);

  it('when nobody walks up, nor when somebody comes inside opening hours: a capture there, no alarm, no case', async () => {
    await oneLoop();
    await eventually('a capture', async () => (await capturesOf(OPEN_CAMERA))[0], { withinMs: 60_000 });
    // What the hub is told after it is judged after it.
    await fetch(`${controlOf(dataDir)}/devices/${DEMO.barrier}/force`, { method: 'POST' });
    await eventually('the alarm of something else', async () => (await client.list<Alarm>('/api/v1/alarms'))[0]);
    expect(await capturesOf(DEMO.camera)).toEqual([]);
    const alarms = await client.list<Alarm>('/api/v1/alarms');
    expect(alarms.map(({ rule }) => rule)).toEqual(['barrier-forced']);
    expect(await client.list<GridCase>('/api/v1/cases')).toHaveLength(1);
  }, 180_000);

  /** Until every picture of the scene was shown once: everybody in it has come and gone. */
  async function oneLoop(): Promise<void> {
    let counted = 0;
    let last: number | undefined;
    await eventually(
      'a loop of the scene',
      async () => {
        const { loopFrames, devices } = (await (await fetch(`${controlOf(dataDir)}/state`)).json()) as EstateState;
        const counter = devices.find(({ id }) => id === DEMO.camera)?.frameCounter;
        if (counter === undefined) return false;
        counted += (counter - (last ?? counter) + loopFrames) % loopFrames;
        last = counter;
        return counted >= loopFrames;
      },
      { withinMs: 90_000 },
    );
  }
});

/** The places with the other gate open around the clock. */
function alwaysOpen(places: Document): string {
  const list = places.toJS() as { places: { id: string }[] };
  const index = list.places.findIndex(({ id }) => id === OPEN_GATE);
  if (index === -1) throw new Error(`config/places.yaml has no ${OPEN_GATE}`);
  const allDay = ['00:00-24:00'];
  const weekly = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, allDay]));
  places.setIn(['places', index, 'hours'], { timeZone: 'Asia/Shanghai', weekly });
  return places.toString();
}
