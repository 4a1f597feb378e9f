import { alignFace } from '@dipper/edge/vision/face-alignment';
import { DETECTOR_INPUT, detectorInput } from '@dipper/edge/vision/face-detector';
import { EMBEDDER_INPUT, embedderInput } from '@dipper/edge/vision/face-embedder';
import { LANDMARKER_INPUT, landmarkerInput } from '@dipper/edge/vision/face-landmarker';
import { cropForLiveness, LIVENESS_INPUT, livenessInput } from '@dipper/edge/vision/face-liveness';
import { cropFrame } from '@dipper/edge/vision/frame';
import { giveWay } from '@dipper/edge/vision/give-way';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { eventually } from '../support/eventually.ts';
import { startFaceEntrance } from '../support/face-entrance.ts';
import { startFaceWorker, startRecognitionWorker } from '../support/face-pictures.ts';
import { present, type Sitter, sitters } from '../support/presentations.ts';
import { type Bench, type BenchContext, median, type PreparedBench, quantile } from './bench.ts';

/** Faces looked at in one sample. */
const FACES = 60;
/** Times that somebody who stands at the gate is let in: once in five seconds. */
const PASSAGES = 12;
const PATIENCE_MS = 60_000;

/** Goal: issue 4, "time per face for detect, landmark, embed, liveness against the bare ONNX sessions". */
export const bench: Bench = {
  what: 'detect, landmark, embed and judge one face with our pipeline in its threads, against the same four ONNX sessions fed with finished tensors',
  unit: 'ms per face',
  goal: { ratio: 1.25, is: 'at-most' },
  options: { passages: { type: 'string' } },
  prepare,
};

async function prepare({ seed, options: given }: BenchContext): Promise<PreparedBench> {
  // Where the support code of the tests looks for it.
  process.env['FFMPEG_PATH'] = (await findFfmpeg({ env: process.env })).path;
  await using parts = new AsyncDisposableStack();
  const finding = parts.use(await startFaceWorker());
  const recognising = parts.use(await startRecognitionWorker());
  const people = await sitters();
  const [frame] = await present({ kind: 'living', sitter: people[1] as Sitter, seed, frameCount: 1 });
  if (frame === undefined) throw new Error('no frame was rendered');
  // The photograph has neighbours in it.
  const off = ({ leftPx, widthPx }: { leftPx: number; widthPx: number }) =>
    Math.abs(leftPx + widthPx / 2 - frame.widthPx / 2);
  const [face] = (await finding.detect(frame)).toSorted((a, b) => off(a) - off(b));
  if (face === undefined) throw new Error('no face was found');
  const landmarks = await finding.landmarks(frame, face);

  const files = await ensureModels({ dir: modelsDir(process.env), sets: ['face-capture', 'access-control'] });
  const options = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  } as const;
  const stage = async (path: string, input: { name: string; shape: readonly number[] }, data: Float32Array) => {
    const session = await InferenceSession.create(path, options);
    const tensor = new Tensor('float32', data, input.shape);
    return () => session.run({ [input.name]: tensor });
  };
  const bare = {
    detect: await stage(files['face-detection'].path, DETECTOR_INPUT, await detectorInput(frame)),
    landmark: await stage(files['face-landmarks'].path, LANDMARKER_INPUT, landmarkerInput(cropFrame(frame, face).crop)),
    embed: await stage(files['face-embedding'].path, EMBEDDER_INPUT, embedderInput(alignFace(frame, landmarks))),
    liveness: await stage(
      files['face-liveness'].path,
      LIVENESS_INPUT,
      await livenessInput(cropForLiveness(frame, face)),
    ),
  };
  // Our threads stand back for the rest of an edge; on a busy machine the reference has to as well.
  giveWay();
  const ours = {
    detect: () => finding.detect(frame),
    landmark: () => finding.landmarks(frame, face),
    embed: () => recognising.embed(frame, landmarks),
    liveness: () => recognising.liveScore(frame, face),
  };
  const work = `${FACES} faces through detect, landmark, embed and liveness`;
  const stages = { dipper: {} as Record<string, number[]>, reference: {} as Record<string, number[]> };
  const sample = async (side: typeof ours | typeof bare, into: Record<string, number[]>) => {
    let totalMs = 0;
    for (const [name, run] of Object.entries(side)) {
      await run();
      const taken: number[] = [];
      for (let index = 0; index < FACES; index += 1) {
        const startedMs = performance.now();
        await run();
        taken.push(performance.now() - startedMs);
      }
      // What the machine does besides falls on some of them.
      const perFaceMs = median(taken);
      into[name] = [...(into[name] ?? []), perFaceMs];
      totalMs += perFaceMs;
    }
    return { value: totalMs, work };
  };

  const typical = (side: Record<string, number[]>) =>
    Object.fromEntries(Object.entries(side).map(([name, rounds]) => [name, Number(median(rounds).toFixed(2))]));

  const running = parts.move();
  return {
    dipper: { command: 'face-worker.ts and recognition-worker.ts', sample: () => sample(ours, stages.dipper) },
    reference: {
      command: 'onnxruntime-node, one thread, finished tensors',
      sample: () => sample(bare, stages.reference),
    },
    async detail() {
      return {
        perFaceMs: { dipper: typical(stages.dipper), reference: typical(stages.reference) },
        ...(await wayToTheGate(seed, Number(given['passages'] ?? PASSAGES))),
      };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The whole way, from the camera's frame to the command to the barrier; whoever stands there turns the head all the while. */
async function wayToTheGate(seed: number, count: number) {
  await using ground = await startFaceEntrance('living', seed);
  // The first command finds out by which service the barrier moves.
  await eventually(`${count + 1} commands`, () => ground.passages.length > count, {
    withinMs: PATIENCE_MS + count * 10_000,
  });
  const passages = ground.passages.slice(1, count + 1);
  const spread = (values: readonly number[]) => ({
    p50: Math.round(quantile(values, 0.5)),
    p95: Math.round(quantile(values, 0.95)),
  });
  return {
    frameToCommandMs: spread(passages.map(({ frameAtMs, commandedAtMs }) => commandedAtMs - frameAtMs)),
    goalFrameToCommandMs: 400,
    frameToOfferMs: spread(passages.map(({ frameAtMs, offeredAtMs }) => offeredAtMs - frameAtMs)),
    offerToCommandMs: spread(passages.map(({ offeredAtMs, commandedAtMs }) => commandedAtMs - offeredAtMs)),
    passages: passages.length,
  };
}
