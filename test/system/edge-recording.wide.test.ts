import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@dipper/edge/link/clock';
import { openRecordingStore } from '@dipper/edge/video/recording/recording-store';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { readFrameCounter } from '@dipper/simulator/scene/frame-counter';
import { FRAMES_PER_SEC } from '@dipper/simulator/scene/walk';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openRecordingGround, START_MS } from '../support/recording-ground.ts';
import { startSimulatedStreet } from '../support/simulated-street.ts';
import { ffmpegPath, renderTestStream, type TestStream } from '../support/test-stream.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

const WRITER = fileURLToPath(new URL('../support/recording-process.ts', import.meta.url));
const MEGABYTE = 1024 * 1024;
/** Trouble with a disk is noticed within ten seconds. */
const NOTICED_MS = 10_000;
const FOREVER = [START_MS - 1e6, START_MS + 1e9] as const;

let stream: TestStream;
let root: string;
let disk: string;
beforeAll(async () => {
  stream = await renderTestStream({ pictures: 100 });
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dipper-disk-'));
  disk = join(root, 'recordings');
  mkdirSync(disk);
});
afterEach(() => {
  while (isMounted()) execFileSync('umount', ['--lazy', disk]);
  rmSync(root, { recursive: true, force: true });
});
const isMounted = (): boolean => execFileSync('mount', { encoding: 'utf8' }).includes(` ${disk} `);
const mount = (...options: string[]): void => void execFileSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', disk]);

/** A camera that films ten groups a tick, a minute of its time. */
async function startFilming(options: Parameters<typeof openRecordingGround>[0] = {}) {
  const ground = await openRecordingGround({ root, checkEveryMs: 500, ...options });
  const recorder = ground.record();
  let round = 0;
  const timer = setInterval(() => ground.film(stream, 0, 100, round++ * 4_000), 20);
  return {
    ground,
    recorder,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await ground.close();
    },
  };
}

describe('a disk', () => {
  it('that fills: the oldest recordings make room, evidence stays, and it goes on', async () => {
    mount('-o', 'size=12m');
    await using filming = await startFilming({ minFreeBytes: 4 * MEGABYTE });
    const { ground, recorder } = filming;
    await eventually('a segment is there', () => recorder.stats().groups > 30);
    const evidence = { id: 'a', device: 'gate', fromMs: START_MS, untilMs: START_MS + 500 };
    ground.store.lock({ ...evidence, expiresAtMs: START_MS + 1e9, reason: 'case 1' });
    await eventually('recordings went', () => ground.store.index().removals().length > 0, { withinMs: 60_000 });
    expect(ground.store.index().removals()[0]).toMatchObject({ reason: 'evicted', device: 'gate' });
    const before = recorder.stats().groups;
    await eventually('it goes on', () => recorder.stats().groups > before + 100, { withinMs: 30_000 });
    const kept = ground.store.stretches('gate', ...FOREVER);
    expect(kept[0]).toMatchObject({ fromMs: START_MS });
    expect(kept.length).toBeGreaterThan(1);
    expect(ground.standings[0]).toMatchObject({ isLow: true, failure: undefined });
  });

  it('full of evidence: DISK_FULL within ten seconds, nothing goes, and it goes on when a lock is released', async () => {
    mount('-o', 'size=6m');
    await using filming = await startFilming();
    const { ground, recorder } = filming;
    ground.store.lock({
      ...{ id: 'all', device: 'gate', fromMs: START_MS, untilMs: START_MS + 1e8 },
      ...{ expiresAtMs: START_MS + 1e9, reason: 'case 2' },
    });
    await eventually('it is full', () => recorder.stats().failure === 'DISK_FULL', { withinMs: 60_000 });
    await eventually('it is told', () => ground.standings.at(-1)?.failure === 'DISK_FULL', { withinMs: NOTICED_MS });
    expect(ground.store.index().removals()).toEqual([]);
    expect(ground.store.stretches('gate', ...FOREVER)[0]?.fromMs).toBe(START_MS);
    ground.store.unlock('all');
    await eventually('it goes on', () => ground.standings.at(-1)?.failure === undefined, { withinMs: NOTICED_MS });
    const before = recorder.stats().groups;
    await eventually('groups are written', () => recorder.stats().groups > before, { withinMs: NOTICED_MS });
  });

  it('that becomes read-only is told of by name, and taken up again', async () => {
    mount('-o', 'size=64m');
    await using filming = await startFilming();
    const { ground, recorder } = filming;
    await eventually('groups are written', () => recorder.stats().groups > 10);
    // As the kernel does after errors, with files open: those go on, nothing new can be made.
    execFileSync('mount', ['--bind', disk, disk]);
    execFileSync('mount', ['-o', 'remount,bind,ro', disk]);
    await eventually('it is told', () => ground.standings.at(-1)?.failure === 'DISK_READ_ONLY', {
      withinMs: NOTICED_MS,
    });
    execFileSync('mount', ['-o', 'remount,bind,rw', disk]);
    await eventually('it is well', () => ground.standings.at(-1)?.isLow === false, { withinMs: NOTICED_MS });
    const before = recorder.stats().groups;
    await eventually('groups are written', () => recorder.stats().groups > before);
    expect(ground.store.stretches('gate', ...FOREVER).length).toBeGreaterThan(1);
  });

  it('that is not mounted is missing, and its empty folder is not filled instead; a new one is taken when told so', async () => {
    mount('-o', 'size=64m');
    await using filming = await startFilming();
    const { ground, recorder } = filming;
    await eventually('groups are written', () => recorder.stats().groups > 40);
    execFileSync('umount', ['--lazy', disk]);
    await eventually('it is told', () => ground.standings.at(-1)?.failure === 'DISK_MISSING', { withinMs: NOTICED_MS });
    await eventually('nobody writes', () => recorder.stats().failure === 'DISK_MISSING');
    expect(readdirSync(disk)).toEqual([]);
    mount('-o', 'size=64m');
    writeFileSync(join(disk, 'dipper-new-disk'), '');
    await eventually('it is well', () => ground.standings.at(-1)?.failure === undefined, { withinMs: NOTICED_MS });
    expect(ground.store.index().removals().at(-1)).toMatchObject({ reason: 'disk-replaced' });
    const before = recorder.stats().groups;
    await eventually('groups are written', () => recorder.stats().groups > before);
  });
});

it('SIGKILL at any moment takes at most the group that was being written', async () => {
  for (const groups of [3, 40, 95]) {
    const folder = join(root, String(groups));
    mkdirSync(folder);
    const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      told = Number(line);
      if (told >= groups && child.signalCode === null) child.kill('SIGKILL');
    }
    await using after = await openRecordingGround({ root: folder });
    const { fragments } = await after.play(...FOREVER);
    expect(fragments.length / 10).toBeGreaterThanOrEqual(told - 1);
    expect(fragments.length % 10).toBe(0);
  }
}, 60_000);

it('a simulated street is recorded untouched, and the counter burnt into it is that of the instant asked for', async () => {
  await using parts = new AsyncDisposableStack();
  const street = parts.adopt(await startSimulatedStreet(['clockwork']), (each) => each.close());
  const store = parts.adopt(
    await openRecordingStore({
      ...{ dir: disk, indexPath: join(root, 'recordings.sqlite'), minFreeBytes: 0, clock: systemClock },
      budgets: new Map([['clockwork', { retentionMs: 3_600_000, maxBytes: 1e9 }]]),
      onDisk: () => undefined,
      log: pino({ enabled: false }),
      segmentMs: 4_000,
    }),
    (each) => each.close(),
  );
  const camera = parts.adopt(
    startWatchingCamera({
      ...{ device: 'clockwork', find: async () => street.access('clockwork') },
      recording: { store, mode: 'continuous' },
    }),
    (each) => each.stop(),
  );
  await eventually(
    'twelve seconds are recorded',
    () => {
      const [first] = store.stretches('clockwork', 0, Number.MAX_SAFE_INTEGER);
      return first !== undefined && first.untilMs - first.fromMs > 12_000;
    },
    { withinMs: 40_000 },
  );
  // One session a stream, however many use it.
  expect(street.sessions('clockwork')).toEqual([
    { open: 1, openedEver: 1 },
    { open: 1, openedEver: 1 },
  ]);
  const [stretch] = store.stretches('clockwork', 0, Number.MAX_SAFE_INTEGER);
  const { devices, loopFrames } = street.estate.state;
  const counterNow = devices.find(({ id }) => id === 'clockwork')?.frameCounter ?? Number.NaN;
  const nowMs = Date.now();
  for (const share of [0.2, 0.5, 0.8]) {
    const atMs = (stretch?.fromMs ?? 0) + 12_000 * share;
    const parts_: Buffer[] = [];
    let startMs = Number.NaN;
    for await (const piece of store.read({ device: 'clockwork', fromMs: atMs, untilMs: atMs + 1 })) {
      if (piece.kind === 'group') startMs = piece.atMs;
      parts_.push(piece.bytes);
    }
    const rgb = await convertWithFfmpeg({
      path: ffmpegPath(),
      args: ['-f', 'mp4', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      input: Buffer.concat(parts_),
      signal: AbortSignal.timeout(20_000),
    });
    const place = Math.round(((atMs - startMs) / 1000) * FRAMES_PER_SEC);
    const frame = rgb.subarray(place * 1280 * 720 * 3, (place + 1) * 1280 * 720 * 3);
    const counter = readFrameCounter(frame, 1280, 720) ?? Number.NaN;
    const ago = Math.round(((nowMs - atMs) / 1000) * FRAMES_PER_SEC);
    const off = (counterNow - counter - ago + 10 * loopFrames) % loopFrames;
    // The state is asked between two frames, and the stream's delay is in it.
    expect(Math.min(off, loopFrames - off)).toBeLessThanOrEqual(2);
  }
  await camera.stop();
}, 90_000);
