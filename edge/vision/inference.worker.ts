import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { DETECTOR_INPUT, detectorInput, facesFromOutput } from './face-detector.ts';
import { EMBEDDER_INPUT, embedderInput, templateFromOutput } from './face-embedder.ts';
import { LANDMARKER_INPUT, landmarkerInput } from './face-landmarker.ts';
import { LIVENESS_INPUT, livenessInput, liveScoreFromOutput } from './face-liveness.ts';
import { giveWay } from './give-way.ts';
import type { InferenceQuestion, InferenceReply, InferenceRequest, InferenceThreadData } from './inference-messages.ts';
import { loadPlateReader } from './plates/plate-sessions.ts';
import { VisionError } from './vision-error.ts';

/**
 * The thread in which the sessions run: `session.run` blocks the thread it is called on, for tens of milliseconds on a slow
 * machine. With both cores busy, two threads per session were twice as slow as one.
 */
const port = parentPort;
if (port === null) throw new Error('inference.worker.ts runs as a worker thread of inference-service.ts');
const { detectPath, landmarkPath, embedPath, livenessPath, plates } = workerData as InferenceThreadData;

giveWay();
sharp.concurrency(1);
sharp.cache(false);
const options = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
} as const;
const load = (path: string | undefined) => path && InferenceSession.create(path, options);
const detector = await load(detectPath);
const landmarker = await load(landmarkPath);
const embedder = await load(embedPath);
const livenessModel = await load(livenessPath);
const plateReader = plates && (await loadPlateReader(plates, options));

async function run(
  session: InferenceSession | '' | undefined,
  input: { readonly name: string; readonly shape: readonly number[] },
  data: Float32Array,
  outputs: readonly string[],
): Promise<Float32Array[]> {
  if (!session) throw new VisionError('MODEL_UNUSABLE', 'This thread was started without that model.');
  const results = await session.run({ [input.name]: new Tensor('float32', data, input.shape) });
  return outputs.map((name) => {
    const output = results[name]?.data;
    if (!(output instanceof Float32Array))
      throw new VisionError('MODEL_UNUSABLE', `The model has no output "${name}".`);
    return output;
  });
}

async function answer(question: InferenceQuestion): Promise<InferenceReply> {
  const { kind, frame } = question;
  if (kind === 'plates') {
    if (plateReader === undefined)
      throw new VisionError('MODEL_UNUSABLE', 'This thread was started without that model.');
    return { kind: 'plates', ...(await plateReader(frame, question.side)) };
  }
  if (kind === 'detect') {
    const [scores, boxes] = await run(detector, DETECTOR_INPUT, await detectorInput(frame), ['scores', 'boxes']);
    return { kind: 'faces', faces: facesFromOutput(scores as Float32Array, boxes as Float32Array, frame) };
  }
  if (kind === 'embed') {
    const [output] = await run(embedder, EMBEDDER_INPUT, embedderInput(frame), ['output']);
    return { kind: 'template', template: templateFromOutput(output as Float32Array) };
  }
  if (kind === 'liveness') {
    const [output] = await run(livenessModel, LIVENESS_INPUT, await livenessInput(frame), ['output']);
    return { kind: 'liveness', score: liveScoreFromOutput(output as Float32Array) };
  }
  const [points] = await run(landmarker, LANDMARKER_INPUT, await landmarkerInput(frame), ['output']);
  // The session owns its output's memory.
  return { kind: 'points', points: Float32Array.from(points as Float32Array) };
}

async function reply(question: InferenceQuestion): Promise<void> {
  const said = await answer(question).catch((error: unknown): InferenceReply => {
    const code = error instanceof VisionError ? error.code : 'MODEL_UNUSABLE';
    return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
  });
  port?.postMessage(said);
}

let answered = Promise.resolve();
port.on('message', (request: InferenceRequest) => {
  // Without its port nothing keeps the thread.
  if (request.kind === 'end') answered.then(() => port.close());
  else answered = reply(request);
});
port.postMessage({ kind: 'ready' } satisfies InferenceReply);
