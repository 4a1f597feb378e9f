import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRing, type Ring } from '../../../../edge/video/ring.ts';
import { type StreamSourceOptions, startStreamSource } from '../../../../edge/video/stream-source.ts';
import type { StreamState } from '../../../../edge/video/stream-state.ts';
import { eventually } from '../../../support/eventually.ts';
import { ffmpegPath, renderTestStream } from '../../../support/test-stream.ts';

const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const log = pino({ level: 'silent' });
let folder: string;
let ring: Ring;
let stop: AbortController;
let states: StreamState[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dipper-source-'));
  ring = createRing({ maxBytes: 8e6, preRollMs: 60_000 });
  stop = new AbortController();
  states = [];
});
afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true });
});

/** Something to run instead of ffmpeg, for what no camera does on demand: `$STREAM` is a file with a recorded output. */
async function startWith(script: string, stream: Buffer, options: Partial<StreamSourceOptions> = {}) {
  const file = join(folder, 'stream.mp4');
  const path = join(folder, 'camera.sh');
  await writeFile(file, stream);
  await writeFile(path, `#!/bin/sh\nSTREAM='${file}'\n${script}\n`, { mode: 0o755 });
  return startStreamSource({
    address: () => ({ url: 'rtsp://127.0.0.1/stream' }),
    ffmpegPath: path,
    ring,
    onState: (state) => states.push(state),
    clock,
    log,
    signal: stop.signal,
    backOff: { firstMs: 20, maxMs: 50 },
    ...options,
  });
}

const kinds = () => states.map((state) => (state.kind === 'failed' ? state.cause : state.kind));

it('gives the stream new parameters when the camera sends some with a key frame', async () => {
  const annexB = async (size: string) =>
    convertWithFfmpeg({
      path: ffmpegPath(),
      args: [
        ...['-f', 'lavfi', '-i', `testsrc=s=${size}:r=25`, '-frames:v', '10', '-pix_fmt', 'yuv420p'],
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '5', '-f', 'h264', 'pipe:1'],
      ],
      input: '',
      signal: AbortSignal.timeout(10_000),
    });
  // What a camera sends that is switched to another size while it streams.
  const switched = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: [
      ...['-f', 'h264', '-i', 'pipe:0', '-c', 'copy', '-f', 'mp4'],
      ...['-movflags', 'frag_every_frame+empty_moov+default_base_moof', '-write_prft', 'wallclock', 'pipe:1'],
    ],
    input: Buffer.concat([await annexB('160x96'), await annexB('320x192')]),
    signal: AbortSignal.timeout(10_000),
  });
  const moment = `sleep 0.4; printf '\\000\\000\\000\\010free'`;
  const source = await startWith(`cat "$STREAM"; ${moment}; exec sleep 30`, switched);
  const units = await eventually('all pictures are in', () => ring.units().length === 20 && ring.units());
  expect(units.map(({ init }) => init.widthPx)).toEqual([...Array(10).fill(160), ...Array(10).fill(320)]);
  expect(new Set(units.map(({ init }) => init)).size).toBe(2);
  expect(units[10]?.fragment.isKey).toBe(true);
  stop.abort();
  await source.done;
});

it('opens a stream anew that ended, and keeps what it had', async () => {
  const { bytes } = await renderTestStream({ pictures: 10 });
  const source = await startWith('cat "$STREAM"', bytes);
  await eventually('two runs are in', () => ring.units().length >= 20);
  expect(kinds().slice(0, 5)).toEqual(['connecting', 'online', 'STREAM_ENDED', 'connecting', 'online']);
  stop.abort();
  await source.done;
});

it('ends a child that falls silent and does not heed its own limit', async () => {
  const { bytes } = await renderTestStream({ pictures: 5 });
  const source = await startWith(`trap '' TERM; cat "$STREAM"; while :; do sleep 0.2; done`, bytes, {
    silenceMs: 300,
  });
  await eventually('the silence is noticed', () => kinds().includes('STREAM_TIMED_OUT'));
  stop.abort();
  await source.done;
});

it('does not wait out its pause when the camera has been heard from', async () => {
  const { bytes } = await renderTestStream({ pictures: 10 });
  const once = join(folder, 'once');
  const script = `if [ ! -e '${once}' ]; then : > '${once}'; exit 1; fi; cat "$STREAM"; exec sleep 30`;
  const source = await startWith(script, bytes, { backOff: { firstMs: 600_000, maxMs: 600_000 } });
  await eventually('it has failed', () => states.at(-1)?.kind === 'failed');
  source.hurry();
  await eventually('it is up', () => states.at(-1)?.kind === 'online');
  expect(source.stats().runs).toBe(2);
  stop.abort();
  await source.done;
});

it('waits for an address that is slow to come before it counts the silence', async () => {
  const { bytes } = await renderTestStream({ pictures: 10 });
  const address = async () => {
    await sleep(1_600); // longer than the silence and its grace
    return { url: 'rtsp://127.0.0.1/stream' };
  };
  const source = await startWith('cat "$STREAM"; exec sleep 30', bytes, { address, silenceMs: 300 });
  await eventually('it is up or given up', () => kinds().length > 1);
  // What the camera falls silent for after its ten pictures may be there by now, too.
  expect(kinds().slice(0, 2)).toEqual(['connecting', 'online']);
  stop.abort();
  await source.done;
});

it('gives up on an address that does not come, under a cause of its own', async () => {
  const address = () => new Promise<never>(() => undefined);
  const source = await startWith('exec sleep 30', Buffer.alloc(0), { address, addressTimeoutMs: 50 });
  await eventually('two attempts', () => kinds().length >= 4);
  expect(kinds().slice(0, 4)).toEqual([
    'connecting',
    'STREAM_ADDRESS_TIMED_OUT',
    'connecting',
    'STREAM_ADDRESS_TIMED_OUT',
  ]);
  stop.abort();
  await source.done;
});

it('names what is wrong with a damaged stream', async () => {
  const { bytes } = await renderTestStream({ pictures: 10 });
  bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 64);
  const source = await startWith('cat "$STREAM"; exec sleep 30', bytes);
  const cause = await eventually('the damage is noticed', () => kinds().find((kind) => /^MP4_/.test(kind)));
  expect(['MP4_INVALID', 'MP4_BOX_TOO_LARGE']).toContain(cause);
  stop.abort();
  await source.done;
});

it('tells a missing ffmpeg', async () => {
  const source = startStreamSource({
    address: () => ({ url: 'rtsp://127.0.0.1/stream' }),
    ffmpegPath: join(folder, 'nothing-here'),
    ring,
    onState: (state) => states.push(state),
    clock,
    log,
    signal: stop.signal,
  });
  await eventually('the failure is told', () => kinds().includes('FFMPEG_MISSING'));
  stop.abort();
  await source.done;
});
