import { exportFile } from '@dipper/edge/video/playback/export-file';
import { type PlaybackPiece, playRecording } from '@dipper/edge/video/playback/playback-feed';
import { readTimeline } from '@dipper/edge/video/recording/timeline';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import {
  openRecordingGround,
  PICTURE_MS,
  type RecordingGround,
  START_MS,
} from '../../../../support/recording-ground.ts';
import { ffmpegPath, renderTestStream, type TestStream } from '../../../../support/test-stream.ts';

const LATER_MS = 20_000;
/** Of ten pictures each: two stretches of forty pictures, the second twenty seconds later. */
const GROUP_MS = 10 * PICTURE_MS;

let stream: TestStream;
let ground: RecordingGround;
beforeAll(async () => {
  stream = await renderTestStream({ pictures: 100 });
});
beforeEach(async () => {
  ground = await openRecordingGround();
  ground.clockMs = START_MS + 2 * LATER_MS;
  const recorder = ground.record();
  ground.film(stream, 0, 41);
  ground.film(stream, 50, 91, LATER_MS);
  await eventually('the first picture of a group ends the one before', () => recorder.stats().groups >= 9);
});
afterEach(() => ground[Symbol.asyncDispose]());

async function play(atMs: number, admit: (atMs: number) => Promise<void> = async () => undefined) {
  const pieces: PlaybackPiece[] = [];
  for await (const piece of playRecording({ store: ground.store, device: 'gate', atMs, admit })) pieces.push(piece);
  return pieces;
}

it('plays from the group that shows an instant to the next gap, and says where it goes on', async () => {
  const pieces = await play(START_MS + 1.5 * GROUP_MS);
  const pictures = pieces.filter((piece) => piece.kind !== 'end' && piece.kind !== 'init');
  expect(pieces[0]).toMatchObject({ kind: 'init', mime: expect.stringMatching(/^video\/mp4; codecs="avc1\./) });
  expect(pictures[0]).toMatchObject({ kind: 'key' });
  expect(pictures[0]?.atMs).toBeCloseTo(START_MS + GROUP_MS, 3);
  expect(pictures).toHaveLength(31);
  expect(pieces.at(-1)).toEqual({ kind: 'end', nextAtMs: expect.closeTo(START_MS + 50 * PICTURE_MS + LATER_MS, 3) });
});

it('reads a group when it may be sent, and stops when nobody wants it', async () => {
  const asked: number[] = [];
  const over = new Error('gone');
  await expect(
    play(START_MS, async (atMs) => {
      asked.push(atMs);
      if (asked.length === 3) throw over;
    }),
  ).rejects.toBe(over);
  expect(asked).toHaveLength(3);
});

it('exports one file without holes that plays from its first picture to its last, and tells what is missing', async () => {
  const [fromMs, untilMs] = [START_MS - 10_000, START_MS + LATER_MS + 60 * PICTURE_MS];
  const file = exportFile({ store: ground.store, device: 'gate', fromMs, untilMs });
  const bytes: Buffer[] = [];
  let pictures = 0;
  for await (const piece of file.pieces) {
    bytes.push(Buffer.from(piece.bytes));
    if (piece.kind !== 'init') pictures++;
  }
  const { gaps } = file.outcome();
  expect(gaps).toEqual([
    { fromMs, untilMs: expect.closeTo(START_MS, 3), isOtherFormat: false },
    {
      fromMs: expect.closeTo(START_MS + 41 * PICTURE_MS, 0),
      untilMs: expect.closeTo(START_MS + 50 * PICTURE_MS + LATER_MS, 0),
      isOtherFormat: false,
    },
  ]);
  const told = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: [
      '-f',
      'mp4',
      '-i',
      'pipe:0',
      '-vf',
      'scale=8:8',
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      'pipe:1',
    ],
    input: Buffer.concat(bytes),
    signal: AbortSignal.timeout(20_000),
  });
  expect(told.length / 64).toBe(pictures);
});

it('tells what is recorded, and why the rest is not', () => {
  const options = { index: ground.store.index(), device: 'gate', nowMs: ground.clockMs, mode: 'continuous' } as const;
  const [fromMs, untilMs] = [START_MS - 1_000, START_MS + 2 * LATER_MS + 1_000];
  const { spans, gaps } = readTimeline({ ...options, fromMs, untilMs });
  expect(spans).toHaveLength(2);
  expect(gaps.map(({ cause }) => cause)).toEqual(['not-recorded', 'not-recorded', 'not-recorded', 'not-yet']);
  const edges = [...spans, ...gaps].sort((a, b) => a.fromMs - b.fromMs);
  expect(edges[0]?.fromMs).toBe(fromMs);
  for (const [place, edge] of edges.entries()) expect(edge.untilMs).toBe(edges[place + 1]?.fromMs ?? untilMs);
});
