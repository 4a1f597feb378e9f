import { createFaceCapture, type FaceShot } from '@dipper/edge/vision/face-capture';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { startFaceWorker } from '../support/face-pictures.ts';
import { visitsBetween, whoIs } from './busy-people.ts';
import { BUSY, SCENE, WALK_INS } from './busy-script.ts';
import { FRAMES_PER_SEC, GROUP_FRAMES, type Loop } from './encoded-loop.ts';

/** Of the rush, so much is looked at before: who comes near the end of the loop leaves at its beginning. */
const LEAD_IN_GROUPS = 4;
const START_CODE = Buffer.from([0, 0, 0, 1]);
const FRAME_BYTES = SCENE.widthPx * SCENE.heightPx * 3;

/**
 * Whom the models capture that look at every picture of the main stream, decoded whole.
 * @returns kinds of visits
 */
export async function capturedByEveryFrame(ffmpegPath: string, loop: Loop): Promise<ReadonlySet<string>> {
  const stop = new AbortController();
  await using models = await startFaceWorker(stop.signal);
  const captured = new Set<string>();
  const rush = { firstGroup: BUSY.firstGroup + BUSY.groups - LEAD_IN_GROUPS, groups: LEAD_IN_GROUPS };
  for (const sections of [[rush, BUSY], ...WALK_INS.map((section) => [section])]) {
    const places = sections.flatMap(({ firstGroup, groups }) =>
      Array.from({ length: groups * GROUP_FRAMES }, (_, frame) => firstGroup * GROUP_FRAMES + frame),
    );
    const loopFrameOf = (frame: number): number | undefined => places[frame];
    const visits = visitsBetween(0, places.length, loopFrameOf);
    const capture = createFaceCapture<RgbFrame>({ models: models.forStream() });
    const timeOf = (frame: number): number => (frame * 1_000) / FRAMES_PER_SEC;
    const note = (shots: readonly FaceShot<RgbFrame>[]): void => {
      for (const { atMs, box } of shots) {
        const { widthPx, heightPx } = SCENE;
        const part = { x: box.leftPx / widthPx, y: box.topPx / heightPx };
        const size = { width: box.widthPx / widthPx, height: box.heightPx / heightPx };
        const who = whoIs(visits, Math.round((atMs * FRAMES_PER_SEC) / 1_000), { ...part, ...size }, loopFrameOf);
        if (who !== undefined) captured.add(who.kind);
      }
    };
    let frame = 0;
    for await (const picture of decodeAll(ffmpegPath, loop, places)) {
      note((await capture.observe(picture, timeOf(frame))).shots);
      frame += 1;
    }
    if (frame !== places.length) throw new Error(`ffmpeg decoded ${frame} of ${places.length} frames`);
    note(capture.end());
  }
  return captured;
}

/** Pictures of the loop at these places, whole groups of them, at full resolution. */
async function* decodeAll(ffmpegPath: string, loop: Loop, places: readonly number[]): AsyncGenerator<RgbFrame, void> {
  const units = places.flatMap((place) => {
    const slices = loop.frames[place] ?? [];
    return place % GROUP_FRAMES === 0 ? [loop.sps, loop.pps, ...slices] : slices;
  });
  const stop = new AbortController();
  const run = runFfmpeg({
    path: ffmpegPath,
    args: ['-f', 'h264', '-i', 'pipe:0', '-fps_mode', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
    input: Buffer.concat(units.flatMap((unit) => [START_CODE, unit])),
    signal: stop.signal,
  });
  try {
    let picture = Buffer.alloc(FRAME_BYTES);
    let filled = 0;
    for await (const chunk of run.stdout as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        const copied = chunk.copy(picture, filled, at);
        at += copied;
        filled += copied;
        if (filled < FRAME_BYTES) continue;
        yield { widthPx: SCENE.widthPx, heightPx: SCENE.heightPx, rgb: picture };
        // The one before may be kept as somebody's best.
        picture = Buffer.alloc(FRAME_BYTES);
        filled = 0;
      }
    }
  } finally {
    stop.abort();
    await run.ended;
  }
}
