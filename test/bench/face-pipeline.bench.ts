import { startRecognitionWatch } from '@dipper/edge/agent/recognition/recognition-watch';
import { alignFace } from '@dipper/edge/vision/face-alignment';
import { createFaceCapture } from '@dipper/edge/vision/face-capture';
import { DETECTOR_INPUT, detectorInput } from '@dipper/edge/vision/face-detector';
import { EMBEDDER_INPUT, embedderInput } from '@dipper/edge/vision/face-embedder';
import { LANDMARKER_INPUT, landmarkerInput } from '@dipper/edge/vision/face-landmarker';
import { cropForLiveness, LIVENESS_INPUT, livenessInput } from '@dipper/edge/vision/face-liveness';
import { cropFrame, type RgbFrame } from '@dipper/edge/vision/frame';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import pino from 'pino';
import { startFaceWorker, startRecognitionWorker } from '../support/face-pictures.ts';
import { FRAME_GAP_MS, present, type Sitter, sitters } from '../support/presentations.ts';
import { type Bench, type BenchContext, type PreparedBench, quantile } from './bench.ts';

/** Faces looked at in one sample. */
const FACES = 60;
const ATTEMPTS = 6;
const FRAMES = 9;

/** Goal: issue 4, "time per face for detect, landmark, embed, liveness against the bare ONNX sessions". */
export const bench: Bench = {
  what: 'detect, landmark, embed and judge one face with our pipeline in its threads, against the same four ONNX sessions fed with finished tensors',
  unit: 'ms per face',
  goal: { ratio: 1.25, is: 'at-most' },
  prepare,
};

async function prepare({ seed }: BenchContext): Promise<PreparedBench> {
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
    landmark: await stage(
      files['face-landmarks'].path,
      LANDMARKER_INPUT,
      await landmarkerInput(cropFrame(frame, face).crop),
    ),
    embed: await stage(files['face-embedding'].path, EMBEDDER_INPUT, embedderInput(alignFace(frame, landmarks))),
    liveness: await stage(
      files['face-liveness'].path,
      LIVENESS_INPUT,
      await livenessInput(cropForLiveness(frame, face)),
    ),
  };
  const ours = {
    detect: () => finding.detect(frame),
    landmark: () => finding.landmarks(frame, face),
    embed: () => recognising.embed(frame, landmarks),
    liveness: () => recognising.liveScore(frame, face),
  };
  const work = `${FACES} faces through detect, landmark, embed and liveness`;
  const stages = { dipper: {} as Record<string, number>, reference: {} as Record<string, number> };
  const sample = async (side: typeof ours | typeof bare, into: Record<string, number>) => {
    let totalMs = 0;
    for (const [name, run] of Object.entries(side)) {
      await run();
      const startedMs = performance.now();
      for (let index = 0; index < FACES; index += 1) await run();
      const perFaceMs = (performance.now() - startedMs) / FACES;
      into[name] = Number(perFaceMs.toFixed(2));
      totalMs += perFaceMs;
    }
    return { value: totalMs, work };
  };

  /** From the frame that decides to the offer to the gate: what comes on top of the camera's own delay. */
  async function frameToOfferMs(): Promise<number[]> {
    const delays: number[] = [];
    const template = await recognising.embed(frame as RgbFrame, landmarks);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const frames = await present({
        kind: 'living',
        sitter: people[1] as Sitter,
        seed: seed + attempt,
        frameCount: FRAMES,
      });
      let seenAtMs = 0;
      const watch = startRecognitionWatch({
        models: recognising,
        enrolled: () => [{ holder: 'resident', templates: [template] }],
        onRecognised: () => void delays.push(performance.now() - seenAtMs),
        log: pino({ level: 'silent' }),
      });
      const capture = createFaceCapture<RgbFrame>({
        models: finding,
        onSeen: (shown, atMs, faces) => watch.observe(shown, atMs, faces),
      });
      for (const [index, shown] of frames.entries()) {
        seenAtMs = performance.now();
        await capture.observe(shown, index * FRAME_GAP_MS);
        await watch.settled();
      }
      await watch.close();
    }
    return delays;
  }

  const running = parts.move();
  return {
    dipper: { command: 'face-worker.ts and recognition-worker.ts', sample: () => sample(ours, stages.dipper) },
    reference: {
      command: 'onnxruntime-node, one thread, finished tensors',
      sample: () => sample(bare, stages.reference),
    },
    async detail() {
      const delays = await frameToOfferMs();
      return {
        perFaceMs: stages,
        frameToOfferMs: { p50: Math.round(quantile(delays, 0.5)), p95: Math.round(quantile(delays, 0.95)) },
        offered: `${delays.length} of ${ATTEMPTS}`,
        goalFrameToCommandMs: 400,
      };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
