import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DecodeWindowOptions, decodeWindow, picturesSinceKey } from '../../../../edge/video/decode-window.ts';
import type { DecodedFrame } from '../../../../edge/video/decoded-frame.ts';
import { type DecoderOptions, startDecoder } from '../../../../edge/video/decoder.ts';
import { createRing, type Ring } from '../../../../edge/video/ring.ts';
import { eventually } from '../../../support/eventually.ts';
import { ffmpegPath, pictureNumber, renderTestStream, type TestStream } from '../../../support/test-stream.ts';

const START_MS = 1_000_000;
/** The camera's clock is ahead. */
const AHEAD_MS = 7_777;
const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const log = pino({ level: 'silent' });

let stream: TestStream;
let larger: TestStream;
let ring: Ring;
let stop: AbortController;

beforeAll(async () => {
  [stream, larger] = await Promise.all([
    renderTestStream({ pictures: 100 }),
    renderTestStream({ pictures: 20, widthPx: 320, heightPx: 192 }),
  ]);
});
beforeEach(() => {
  ring = createRing({ maxBytes: 8e6, preRollMs: 60_000 });
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  ring.close();
});

/** Pictures of 25 a second: number n was taken at START_MS + 40 n. */
function append({ init, fragments }: TestStream, from: number, to: number): void {
  for (const fragment of fragments.slice(from, to)) {
    const atMs = START_MS + fragment.presentationTime / 90;
    ring.append({ init, fragment, atMs, senderAtMs: atMs + AHEAD_MS });
  }
}

const numberByTime = ({ atMs }: { atMs: number }) => (atMs - START_MS) / 40;

function expectItsOwnTime(frame: DecodedFrame): void {
  expect(Math.abs(pictureNumber(frame) - numberByTime(frame))).toBeLessThanOrEqual(1);
  expect(frame.senderAtMs - frame.atMs).toBe(AHEAD_MS);
}

describe('the decoder', () => {
  const start = (options: Partial<DecoderOptions> = {}) =>
    startDecoder({ ring, ffmpegPath: ffmpegPath(), framesPerSecond: 5, clock, log, signal: stop.signal, ...options });

  it('puts out five pictures a second, each with the time it was taken', async () => {
    append(stream, 0, 100);
    const frames: DecodedFrame[] = [];
    const decoder = start();
    for await (const frame of decoder.frames) {
      expectItsOwnTime(frame);
      frames.push(frame);
      if (frames.length === 1) break;
    }
    // From the newest key frame on: what is old is not decoded.
    expect(frames.map(numberByTime)).toEqual([90]);
  });

  it('gives a glimpse of each group while it is given up to overload; what it counts are the pictures missing', async () => {
    let isShed = false;
    const troubles: (string | undefined)[] = [];
    const seen: number[] = [];
    const onTrouble: DecoderOptions['onTrouble'] = (trouble) => troubles.push(trouble?.cause);
    const decoder = start({ framesPerSecond: 25, isShed: () => isShed, onTrouble });
    const reading = (async () => {
      for await (const frame of decoder.frames) {
        expectItsOwnTime(frame);
        seen.push(pictureNumber(frame));
      }
    })();
    // Each picture comes out at once, not with the one after it.
    append(stream, 0, 10);
    await eventually('the first are there', () => seen.length === 10);
    append(stream, 10, 30);
    await eventually('more are there', () => seen.length === 30);
    isShed = true;
    append(stream, 30, 70);
    await eventually('it gives up', () => decoder.stats().shed === 28);
    isShed = false;
    append(stream, 70, 100);
    await eventually('the rest is there', () => seen.includes(99));
    const missing = Array.from({ length: 100 }, (_, number) => number).filter((number) => !seen.includes(number));
    expect(missing).toHaveLength(decoder.stats().shed);
    expect(missing.slice(0, 8)).toEqual([33, 34, 35, 36, 37, 38, 39, 43]);
    expect(troubles).toEqual(['EDGE_OVERLOADED']);
    stop.abort();
    await reading;
  });

  it('goes on with a new child when the stream becomes another one', async () => {
    append(stream, 0, 30);
    const sizes = new Set<number>();
    const decoder = start();
    for await (const frame of decoder.frames) {
      sizes.add(frame.widthPx);
      if (sizes.size === 1 && decoder.stats().frames === 1) append(larger, 0, 20);
      if (frame.widthPx === 320) break;
    }
    expect([...sizes]).toEqual([160, 320]);
    expect(decoder.stats().starts).toBe(2);
  });

  it('does not start a child for every key frame of a camera that alternates its parameters', async () => {
    // On a busy machine a child takes longer than a second to start: by this clock every run is a short one.
    const hasty = { ...clock, monotonicMs: () => performance.now() / 50 };
    const decoder = start({ clock: hasty });
    const frames = decoder.frames[Symbol.asyncIterator]();
    const reading = (async () => {
      while (!(await frames.next()).done);
    })();
    // A group of ten pictures of one size, then of the other, twenty groups a second.
    let group = 0;
    for (; decoder.stats().shortRuns < 3 && group < 1_000; group++) {
      append(group % 2 === 0 ? stream : larger, 0, 10);
      await sleep(50);
    }
    expect(decoder.stats().shortRuns).toBe(3);
    expect(decoder.stats().starts).toBeLessThanOrEqual(4);
    // It has waited twice in between.
    expect(group).toBeGreaterThan(10);
    stop.abort();
    await reading;
  });

  it('idles at a glimpse of each group, and when woken goes back to where the unseen begins', async () => {
    const slow = await renderTestStream({ pictures: 200, groupLength: 50, widthPx: 64, heightPx: 48 });
    let isIdle = true;
    const pace = { wokenFromMs: START_MS + 105 * 40, wake: () => undefined, isIdle: true };
    Object.defineProperty(pace, 'isIdle', { get: () => isIdle });
    append(slow, 0, 1);
    const decoder = start({ pace });
    const frames = decoder.frames[Symbol.asyncIterator]();
    const numbers: number[] = [];
    const read = async (until: number) => {
      while (numbers.at(-1) !== until) {
        const { value } = await frames.next();
        if (value === undefined) throw new Error('the frames have ended');
        numbers.push(numberByTime(value));
      }
      return numbers.splice(0);
    };
    const first = read(45);
    await eventually('it has begun', () => decoder.stats().starts === 1);
    append(slow, 1, 90);
    // How long a group is has to be seen before it is trusted to be short.
    expect(await first).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45]);
    append(slow, 90, 160);
    expect(await read(105)).toEqual([50, 55, 100, 105]);
    const again = read(190);
    await eventually('it idles', () => decoder.stats().idled >= 80);
    isIdle = false;
    append(slow, 160, 200);
    const caughtUp = await again;
    expect(caughtUp.slice(caughtUp.indexOf(100))).toEqual(Array.from({ length: 19 }, (_, place) => 100 + place * 5));
    expect(decoder.stats().starts).toBe(2);
    stop.abort();
    await frames.return?.(undefined);
  });

  it('scales down what is wider than asked for', async () => {
    append(stream, 0, 30);
    for await (const frame of start({ maxWidthPx: 80 }).frames) {
      expect(frame).toMatchObject({ widthPx: 80, heightPx: 48 });
      expectItsOwnTime(frame);
      break;
    }
  });

  it('comes back after its child was killed, and leaves none behind', async () => {
    append(stream, 0, 20);
    const decoder = start();
    const frames = decoder.frames[Symbol.asyncIterator]();
    await frames.next();
    for (const pid of childrenNow()) process.kill(pid, 'SIGKILL');
    append(stream, 20, 60);
    const next = await frames.next();
    expect(next.done).toBe(false);
    stop.abort();
    await frames.return?.(undefined);
    await eventually('no decoder is left', () => childrenNow().length === 0, { withinMs: 3_000 });
  });
});

it('a decoder that stands still disturbs neither ring nor readers, and is replaced', async () => {
  // The newest group, from picture 10 on, so far is one picture.
  append(stream, 0, 11);
  const options = { ring, ffmpegPath: ffmpegPath(), framesPerSecond: 5, clock, log, signal: stop.signal };
  const troubles: (string | undefined)[] = [];
  const decoder = startDecoder({ ...options, onTrouble: (trouble) => troubles.push(trouble?.cause) });
  const frames = decoder.frames[Symbol.asyncIterator]();
  await frames.next();
  for (const pid of childrenNow()) process.kill(pid, 'SIGSTOP');
  const read: number[] = [];
  const reading = (async () => {
    for await (const { index } of ring.reader({ from: 'live', signal: stop.signal })) read.push(index);
  })();
  const next = frames.next();
  const startedMs = performance.now();
  for (let from = 11; from < 100; from++) append(stream, from, from + 1);
  expect(performance.now() - startedMs).toBeLessThan(100);
  await eventually('the reader has all', () => read.length === 80);
  append(stream, 0, 100);
  expect((await next).done).toBe(false);
  expect(decoder.stats().starts).toBe(2);
  expect(troubles).toEqual(['DECODER_STALLED', undefined]);
  stop.abort();
  await frames.return?.(undefined);
  await reading;
  await eventually('no decoder is left', () => childrenNow().length === 0, { withinMs: 3_000 });
});

describe('a window of the main stream', () => {
  const open = (
    middle: number,
    options: Pick<Partial<DecodeWindowOptions>, 'waitMs' | 'regionOf'> & { sameClock?: boolean } = {},
  ) =>
    decodeWindow({
      ring,
      ffmpegPath: ffmpegPath(),
      instant: {
        atMs: START_MS + middle * 40,
        senderAtMs: START_MS + middle * 40 + (options.sameClock === false ? 0 : AHEAD_MS),
      },
      beforeMs: 200,
      afterMs: 200,
      waitMs: options.waitMs ?? 0,
      ...(options.regionOf !== undefined && { regionOf: options.regionOf }),
      signal: stop.signal,
    });

  async function numbers(frames: AsyncIterable<DecodedFrame>): Promise<number[]> {
    const found: number[] = [];
    for await (const frame of frames) {
      expectItsOwnTime(frame);
      found.push(numberByTime(frame));
    }
    return found;
  }

  it('holds the pictures around the instant, at full size', async () => {
    append(stream, 0, 100);
    expect(await numbers(open(57))).toEqual([52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62]);
  });

  it('is only the part of the pictures that is asked for, and says where it lies', async () => {
    append(stream, 0, 100);
    const region = { leftPx: 40, topPx: 16, widthPx: 64, heightPx: 48 };
    for await (const frame of open(57, { regionOf: () => region })) {
      expectItsOwnTime(frame);
      expect(frame).toMatchObject({ widthPx: 64, heightPx: 48, region, picture: { widthPx: 160, heightPx: 96 } });
      expect(frame.rgb).toHaveLength(64 * 48 * 3);
    }
  });

  it('costs what lies between the key frame and its instant', () => {
    append(stream, 0, 100);
    const at = (number: number) => ({ atMs: START_MS + number * 40, senderAtMs: START_MS + number * 40 + AHEAD_MS });
    expect([50, 51, 59, 60].map((number) => picturesSinceKey(ring.units(), at(number)))).toEqual([1, 2, 10, 1]);
    expect(picturesSinceKey(ring.units(), at(110))).toBeUndefined();
  });

  it('is found by local time when the other stream has no camera clock yet', async () => {
    append(stream, 0, 100);
    expect((await numbers(open(57, { sameClock: false }))).at(0)).toBe(52);
  });

  it('waits for its end to arrive, and takes what there is when that does not come', async () => {
    append(stream, 0, 58);
    const waiting = numbers(open(57, { waitMs: 5_000 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    append(stream, 58, 70);
    expect((await waiting).at(-1)).toBe(62);
    expect((await numbers(open(68, { waitMs: 50 }))).at(-1)).toBe(69);
  });

  it('that the ring does not hold is an error', async () => {
    append(stream, 0, 20);
    await expect(numbers(open(90))).rejects.toMatchObject({ code: 'WINDOW_UNAVAILABLE' });
  });
});

/** ffmpeg children of this very process. */
function childrenNow(): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    .split(' ')
    .map(Number)
    .filter((pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('ffmpeg'));
}
