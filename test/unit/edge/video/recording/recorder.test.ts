import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { scanGroups } from '@dipper/edge/video/recording/segment-format';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import {
  openRecordingGround,
  PICTURE_MS,
  type RecordingGround,
  START_MS,
} from '../../../../support/recording-ground.ts';
import { ffmpegPath, pictureNumber, renderTestStream, type TestStream } from '../../../../support/test-stream.ts';

const WIDTH_PX = 160;
const HEIGHT_PX = 96;
const PICTURE_BYTES = WIDTH_PX * HEIGHT_PX * 3;
const FOREVER = [START_MS - 1e6, START_MS + 1e7] as const;

/** A hundred pictures, four seconds, in groups of ten. */
let stream: TestStream;
beforeAll(async () => {
  stream = await renderTestStream({ pictures: 100 });
});

async function decode(bytes: Buffer): Promise<number[]> {
  const rgb = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: ['-f', 'mp4', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
    input: bytes,
    signal: AbortSignal.timeout(20_000),
  });
  return Array.from({ length: rgb.length / PICTURE_BYTES }, (_, place) =>
    pictureNumber({
      rgb: rgb.subarray(place * PICTURE_BYTES, (place + 1) * PICTURE_BYTES),
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
    }),
  );
}

const files = ({ root }: RecordingGround): string[] =>
  readdirSync(join(root, 'recordings'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mp4'))
    .sort();
const numberAt = (fragment: { senderAtMs: number | undefined }) =>
  Math.round(((fragment.senderAtMs ?? 0) - START_MS) / PICTURE_MS);

/** Films everything and waits until all but the group being filmed is on disk. */
async function recordAll(ground: RecordingGround): Promise<void> {
  const recorder = ground.record();
  ground.film(stream, 0, 100);
  await eventually('nine groups are on disk', () => recorder.stats().groups === 9);
}

describe('what is recorded', () => {
  it('plays from any instant, each picture with its own time', async () => {
    await using ground = await openRecordingGround();
    await recordAll(ground);
    const fromMs = START_MS + 1_337;
    const { bytes, fragments } = await ground.play(fromMs, START_MS + 2_400);
    // The group that shows 1,337 ms begins with picture 30, and 2,400 ms lie behind group 50…59.
    expect(fragments.map(numberAt)).toEqual(Array.from({ length: 30 }, (_, place) => 30 + place));
    expect(fragments[0]?.isKey).toBe(true);
    const numbers = await decode(bytes);
    for (const [place, number] of numbers.entries()) expect(Math.abs(number - (30 + place))).toBeLessThanOrEqual(1);
    expect(numbers.length).toBe(30);
  });

  it('lies in segments cut on key frames, each of which any player takes', async () => {
    await using ground = await openRecordingGround();
    await recordAll(ground);
    await ground.close();
    const counts: number[] = [];
    for (const file of files(ground)) {
      const bytes = readFileSync(join(ground.root, 'recordings', file));
      expect(bytes.subarray(0, stream.init.bytes.length)).toEqual(stream.init.bytes);
      counts.push((await decode(bytes)).length);
    }
    // A segment ends with the first group a second after its start; the last group was closed by the stop.
    expect(counts).toEqual([30, 30, 30, 10]);
    expect(statSync(join(ground.root, 'recordings', files(ground)[0] ?? '')).mode & 0o777).toBe(0o600);
  });

  it('begins another segment with another stream, and has a gap where nothing was filmed', async () => {
    await using ground = await openRecordingGround();
    const recorder = ground.record();
    ground.film(stream, 0, 20);
    ground.film({ ...stream, init: { ...stream.init } }, 20, 40, 5_000);
    ground.film({ ...stream, init: { ...stream.init } }, 40, 60, 5_000);
    await eventually('five groups are on disk', () => recorder.stats().groups === 5);
    expect(ground.store.stretches('gate', ...FOREVER)).toEqual([
      { fromMs: START_MS, untilMs: START_MS + 800 },
      { fromMs: START_MS + 5_800, untilMs: START_MS + 7_000 },
    ]);
    expect(files(ground)).toHaveLength(3);
    expect((await ground.play(START_MS + 900, START_MS + 5_000)).fragments).toEqual([]);
  });

  it('is only what happens around a trigger, when only that is wanted', async () => {
    await using ground = await openRecordingGround();
    const recorder = ground.record({ preRollMs: 500, postRollMs: 600 });
    ground.film(stream, 0, 40);
    expect(files(ground)).toEqual([]);
    recorder.trigger(START_MS + 1_300); // 800 ms lie in group 20, 1,900 ms in group 40
    ground.film(stream, 40, 60);
    await eventually('it is over', () => recorder.stats().groups === 3 && !recorder.stats().isRecording);
    // Twice the same pictures would be wrong, however soon the next thing happens.
    recorder.trigger(START_MS + 2_100);
    ground.film(stream, 60, 100);
    await eventually('the next is over', () => recorder.stats().groups === 5 && !recorder.stats().isRecording);
    const { fragments } = await ground.play(...FOREVER);
    expect(fragments.map(numberAt)).toEqual(Array.from({ length: 50 }, (_, place) => 20 + place));
  });
});

describe('after a crash', () => {
  /** A store that was killed: its newest segment is still open in the index. */
  async function crash(ground: RecordingGround, damage: (newest: string) => void): Promise<void> {
    await recordAll(ground);
    const [newest = ''] = files(ground).slice(-1);
    const root = `${ground.root}-crashed`;
    cpSync(ground.root, root, { recursive: true });
    damage(join(root, 'recordings', newest));
  }

  it.each([
    ['cut short in its last group', (path: string) => truncateSync(path, statSync(path).size - 100), 80],
    [
      'followed by half a group',
      (path: string) => appendFileSync(path, stream.fragments[0]?.bytes.subarray(0, 50) ?? ''),
      90,
    ],
    ['cut short in its first group', (path: string) => truncateSync(path, stream.init.bytes.length + 50), 60],
    ['empty', (path: string) => truncateSync(path, 0), 60],
    ['gone', (path: string) => rmSync(path), 60],
  ])('the newest segment %s: it is mended, and the rest is untouched', async (_, damage, left) => {
    await using before = await openRecordingGround();
    await crash(before, damage);
    await using after = await openRecordingGround({ root: `${before.root}-crashed` });
    expect(after.store.checked).toMatchObject({ found: 0 });
    const { fragments } = await after.play(...FOREVER);
    expect(fragments.map(numberAt)).toEqual(Array.from({ length: left }, (_, place) => place));
    for (const file of files(after)) {
      const bytes = readFileSync(join(after.root, 'recordings', file));
      expect(scanGroups(bytes).endOffset).toBe(bytes.length);
    }
    // And it goes on.
    const recorder = after.record();
    after.film(stream, 0, 20, 60_000);
    await eventually('a group is on disk', () => recorder.stats().groups === 1);
  });

  it('an index that was lost is made anew from the files', async () => {
    await using before = await openRecordingGround();
    await crash(before, () => undefined);
    const root = `${before.root}-crashed`;
    for (const name of readdirSync(root)) if (name.startsWith('recordings.sqlite')) rmSync(join(root, name));
    await using after = await openRecordingGround({ root });
    expect(after.store.checked).toMatchObject({ found: 3, mended: 3, lost: 0 });
    expect((await after.play(...FOREVER)).fragments.map(numberAt)).toEqual(Array.from({ length: 90 }, (_, at) => at));
  });
});

describe('how long it is kept', () => {
  it('ends by days, but for what is locked as evidence; what went is on record', async () => {
    await using ground = await openRecordingGround();
    await recordAll(ground);
    const lock = { device: 'gate', fromMs: START_MS + 1_500, untilMs: START_MS + 1_600, reason: 'case 20261124-0007' };
    ground.store.lock({ id: 'a', ...lock, expiresAtMs: START_MS + 4 * 3_600_000 });
    ground.clockMs = START_MS + 3_600_000 + 4_000;
    await ground.store.settle();
    // The first segment is gone; the second is locked, and the third is still being written.
    const { fragments } = await ground.play(...FOREVER);
    expect(fragments.map(numberAt)).toEqual(Array.from({ length: 60 }, (_, place) => 30 + place));
    expect(ground.store.index().removals()).toMatchObject([{ device: 'gate', reason: 'expired', segments: 1 }]);
    ground.clockMs = START_MS + 5 * 3_600_000;
    await ground.store.settle();
    expect((await ground.play(START_MS, START_MS + 2_300)).fragments).toEqual([]);
  });

  it('ends by bytes, the oldest first', async () => {
    const segmentBytes = stream.fragments.slice(0, 30).reduce((sum, { bytes }) => sum + bytes.length + 40, 0);
    await using ground = await openRecordingGround({
      budgets: new Map([['gate', { retentionMs: 1e9, maxBytes: segmentBytes * 2 }]]),
    });
    await recordAll(ground);
    await ground.store.settle();
    expect(ground.store.index().bytesOf('gate')).toBeLessThanOrEqual(segmentBytes * 2);
    const kept = (await ground.play(...FOREVER)).fragments.map(numberAt);
    expect(kept.at(-1)).toBe(89);
    expect(kept[0]).toBeGreaterThanOrEqual(30);
    expect(ground.store.index().removals()).toMatchObject([{ reason: 'over-budget' }]);
  });
});

it('the same bytes come out that the camera sent', async () => {
  await using ground = await openRecordingGround();
  await recordAll(ground);
  const { fragments } = await ground.play(...FOREVER);
  const hash = (list: readonly { payload: Buffer }[]) => {
    const sum = createHash('sha256');
    for (const { payload } of list) sum.update(payload);
    return sum.digest('hex');
  };
  expect(hash(fragments)).toBe(hash(stream.fragments.slice(0, 90)));
});
