import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandAction } from '@dipper/contract/commands';
import { createPtzDesk, type PtzDesk } from '@dipper/edge/agent/ptz/ptz-desk';
import { openTurningNote } from '@dipper/edge/agent/ptz/turning-note';
import { systemClock } from '@dipper/edge/link/clock';
import pino from 'pino';
import { describe, expect, type TestContext, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startTurningCamera, type TurningCamera } from '../support/turning-camera.ts';

const RIGHT = { pan: 0.5, tilt: 0, zoom: 0 };
type Named<N extends CommandAction['name']> = Omit<Extract<CommandAction, { name: N }>, 'name' | 'device'>;

/** Tests wait for cameras, not for the machine: they run beside one another, and each clears up after itself. */
async function start({ onTestFinished }: TestContext, hasDrive = true) {
  const folder = mkdtempSync(join(tmpdir(), 'dipper-ptz-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const camera = await startTurningCamera('dome', hasDrive);
  onTestFinished(() => camera.close());
  const open = () => openDesk(camera, join(folder, 'turning.json'), onTestFinished);
  return { camera, open, ...open() };
}

function openDesk({ onvif, drive }: TurningCamera, notePath: string, onTestFinished: TestContext['onTestFinished']) {
  const turned: string[] = [];
  /** Whether it moved each time somebody was told that it is turned. */
  const wasMoving: boolean[] = [];
  const config = { id: 'dome', onvif, streams: {} };
  const desk = createPtzDesk({
    camera: (device) => (device === 'dome' ? config : undefined),
    onTurned(device) {
      turned.push(device);
      wasMoving.push(drive.isMoving);
    },
    note: openTurningNote(notePath),
    clock: systemClock,
    log: pino({ enabled: false }),
  });
  onTestFinished(() => desk.close());
  return { desk, turned, wasMoving, tell: teller(desk) };
}

function teller(desk: PtzDesk) {
  return <N extends CommandAction['name']>(name: N, rest: Named<N>, device = 'dome') => {
    const handler = desk.handlers[name] as ((action: unknown, command: unknown) => Promise<unknown>) | undefined;
    return handler?.({ name, device, ...rest }, { id: randomUUID(), issuer: 'hub' });
  };
}

const standing = ({ drive }: TurningCamera) => eventually('a camera that stands', () => !drive.isMoving);

describe.concurrent('a camera that is turned', () => {
  test('is told its time, and is stopped when nobody goes on, also one that keeps to no time', async (context) => {
    const { camera, tell, turned } = await start(context);
    camera.device.setFault({ name: 'ptz-runaway' });
    await tell('ptz.move', { velocity: RIGHT });
    expect(camera.drive.moves).toMatchObject([{ velocity: RIGHT, timeoutMs: 2_000 }]);
    await standing(camera);
    expect(camera.drive.position.pan).toBeGreaterThan(0.2);
    expect(turned).toContain('dome');
  });

  test('stands at once when the key is released, and one that refuses to be told a time is stopped as well', async (context) => {
    const { camera, tell } = await start(context);
    camera.device.setFault({ name: 'ptz-no-timeout' });
    await tell('ptz.move', { velocity: RIGHT });
    expect(camera.drive.moves).toMatchObject([{ timeoutMs: undefined }]);
    await tell('ptz.stop', {});
    expect(camera.drive.isMoving).toBe(false);
    await tell('ptz.move', { velocity: RIGHT });
    await standing(camera);
  });

  test('that says yes and stands still is found out', async (context) => {
    const { camera, tell } = await start(context);
    camera.device.setFault({ name: 'ptz-stuck' });
    await expect(tell('ptz.move', { velocity: RIGHT })).rejects.toMatchObject({ code: 'PTZ_NOT_MOVING' });
  });

  test('that says it stops and does not is told again until it stands', async (context) => {
    const { camera, tell } = await start(context);
    camera.device.setFault({ name: 'ptz-deaf' });
    camera.device.setFault({ name: 'ptz-runaway' });
    await tell('ptz.move', { velocity: { pan: 0.1, tilt: 0, zoom: 0 } });
    await expect(tell('ptz.stop', {})).rejects.toMatchObject({ code: 'PTZ_STILL_MOVING' });
    camera.device.clearFault('ptz-deaf');
    await standing(camera);
  });

  test('stands when the agent ends, and is stopped by the next one where it was killed', async (context) => {
    const { camera, tell, desk, open } = await start(context);
    camera.device.setFault({ name: 'ptz-runaway' });
    await tell('ptz.move', { velocity: { pan: 0.1, tilt: 0, zoom: 0 } });
    await desk.close();
    expect(camera.drive.isMoving).toBe(false);

    const killed = open();
    await killed.tell('ptz.move', { velocity: { pan: 0.1, tilt: 0, zoom: 0 } });
    const next = open();
    next.desk.stopLeft();
    await standing(camera);
  });
});

test.concurrent('presets are set, listed, gone to and removed; what is not there is named', async (context) => {
  const { camera, tell, wasMoving } = await start(context);
  await tell('ptz.move', { velocity: { pan: 1, tilt: 1, zoom: 0 } });
  await tell('ptz.stop', {});
  const there = camera.drive.position;
  await expect(tell('ptz.preset-set', { label: '东门 <1>' })).resolves.toEqual({ preset: 'preset-1' });
  await expect(tell('ptz.presets', {})).resolves.toEqual({ presets: [{ token: 'preset-1', name: '东门 <1>' }] });
  await tell('ptz.move', { velocity: { pan: -1, tilt: -1, zoom: 0 } });
  await tell('ptz.stop', {});
  wasMoving.length = 0;
  await tell('ptz.preset-go', { preset: 'preset-1' });
  await eventually('the preset', () => Math.abs(camera.drive.position.pan - there.pan) < 1e-6);
  // What it shows is usual once it has arrived, not what it showed on its way.
  await eventually('it is known to have arrived', () => wasMoving.length > 1 && wasMoving.at(-1) === false);
  for (let more = 2; more <= 8; more += 1) await tell('ptz.preset-set', { label: `${more}` });
  await expect(tell('ptz.preset-set', { label: '9' })).rejects.toMatchObject({ code: 'PTZ_PRESETS_FULL' });
  await tell('ptz.preset-remove', { preset: 'preset-1' });
  for (const name of ['ptz.preset-go', 'ptz.preset-remove'] as const) {
    await expect(tell(name, { preset: 'preset-1' })).rejects.toMatchObject({ code: 'PTZ_PRESET_UNKNOWN' });
  }
});

test.concurrent('a camera without a drive, and a device that is no camera here, say so', async (context) => {
  const { tell } = await start(context, false);
  await expect(tell('ptz.move', { velocity: RIGHT })).rejects.toMatchObject({ code: 'PTZ_NOT_SUPPORTED' });
  await expect(tell('ptz.presets', {})).rejects.toMatchObject({ code: 'PTZ_NOT_SUPPORTED' });
  await expect(tell('ptz.stop', {}, 'elsewhere')).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
});
