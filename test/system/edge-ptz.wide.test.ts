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
import { prepareAgent } from '../support/agent-process.ts';
import { startEmbeddedBroker } from '../support/embedded-broker.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeHub, startFakeHub } from '../support/fake-hub.ts';
import { ORIGIN } from '../support/open-outbox.ts';
import { startSimulatedStreet } from '../support/simulated-street.ts';
import { startTurningCamera, type TurningCamera } from '../support/turning-camera.ts';

/** A whole agent starts, on a machine that may have other things to do. */
const PATIENCE = { withinMs: 40_000 };
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

/** A real agent, as a process, over a street with a camera that turns and one that hangs where it hangs. */
async function startTurningAgent({ onTestFinished }: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'dipper-ptz-agent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const broker = await startEmbeddedBroker();
  onTestFinished(() => broker.stop());
  const street = await startSimulatedStreet(['dome', 'fixed'], 'empty', ['dome']);
  onTestFinished(() => street.close());
  const files = prepareAgent(folder, broker, street);
  const { signer } = files;
  files.save([files.camera('dome'), files.camera('fixed')]);
  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub, signer });
  onTestFinished(() => hub.stop());

  async function start() {
    const known = hub.statuses.length;
    const agent = await files.start();
    onTestFinished(() => agent.kill());
    await eventually('the agent is online', () => hub.statuses.slice(known).some(isOnline), PATIENCE);
    return agent;
  }

  const drive = () => street.estate.state.devices.find(({ id }) => id === 'dome')?.ptz;
  const stateOf = (device: string) => hub.deviceStates.findLast((state) => state.device === device);
  return {
    ...{ street, hub, start },
    isTurning: () => drive()?.isMoving === true,
    hasTurned: () => (drive()?.pan ?? 0) > 0,
    pictureOf(device: string) {
      const state = stateOf(device);
      return state?.kind === 'camera' ? state.picture : undefined;
    },
    async turn() {
      const challenge = hub.statuses.findLast(isOnline)?.challenges[0] ?? '';
      const action = { name: 'ptz.move', device: 'dome', velocity: { pan: 0.05, tilt: 0, zoom: 0 } } as const;
      await hub.publish('commands', await signer.command({ ...ORIGIN, challenge, action }));
    },
  };
}

type AgentStatus = FakeHub['statuses'][number];
const isOnline = (status: AgentStatus): status is Extract<AgentStatus, { challenges: unknown }> =>
  'challenges' in status;

test.concurrent('an agent that is killed while a camera turns leaves it to stop by itself; one that would not is stopped by the next', async (context) => {
  const { street, start, turn, isTurning, hasTurned } = await startTurningAgent(context);
  const first = await start();
  await turn();
  await eventually('it turns', hasTurned, PATIENCE);
  await first.kill();
  // Nobody is there who could tell it: it was told its time when it was told to turn.
  await eventually('it stands', () => !isTurning());

  // Now one that keeps to no time, and at first to no word either.
  for (const fault of ['ptz-runaway', 'ptz-deaf']) await street.estate.setFault('dome', fault);
  const second = await start();
  await turn();
  await eventually('it turns', isTurning, PATIENCE);
  await second.kill();
  await street.estate.clearFault('dome', 'ptz-deaf');
  expect(isTurning()).toBe(true);
  await start();
  await eventually('it stands', () => !isTurning(), PATIENCE);
}, 180_000);

test.concurrent('what a camera shows after it was turned through the hub is no tampering; of one that somebody turned it is', async (context) => {
  const { street, hub, start, turn, hasTurned, pictureOf } = await startTurningAgent(context);
  await start();
  for (const device of ['dome', 'fixed']) await eventually('it is fine', () => pictureOf(device) === 'ok', PATIENCE);
  await turn();
  await eventually('it turns', hasTurned, PATIENCE);
  await street.estate.setFault('dome', 'turn');
  // Once more, now that it shows something else: the end of it comes two seconds later.
  await turn();
  await street.estate.setFault('fixed', 'turn');
  await eventually('the other is told of', () => pictureOf('fixed') === 'moved', PATIENCE);
  await street.estate.clearFault('fixed', 'turn');
  await eventually('the other is back', () => pictureOf('fixed') === 'ok', PATIENCE);
  const begun = hub.received.filter((event) => event.type === 'camera.tampered' && event.data.phase === 'started');
  expect(begun).toMatchObject([{ subject: 'fixed' }]);
}, 180_000);
