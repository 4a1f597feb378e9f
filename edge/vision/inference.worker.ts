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
const detector = await load(detectPath, DETECTOR_INPUT);
const landmarker = await load(landmarkPath, LANDMARKER_INPUT);
const embedder = await load(embedPath, EMBEDDER_INPUT);
const livenessModel = await load(livenessPath, LIVENESS_INPUT);
const plateReader = plates === undefined ? undefined : await loadPlateReader(plates, options);

/** A session with the input it is fed from: one picture after the other goes through the same memory. */
interface Model {
  readonly input: Float32Array;
  run(...outputs: string[]): Promise<Float32Array[]>;
}

async function load(
  path: string | undefined,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): Promise<Model | undefined> {
  if (path === undefined) return undefined;
  const session = await InferenceSession.create(path, options);
  const input = new Float32Array(shape.reduce((size, side) => size * side, 1));
  const feeds = { [name]: new Tensor('float32', input, shape) };
  return {
    input,
    run: async (...outputs) => named(await session.run(feeds), outputs),
  };
}

function named(results: InferenceSession.ReturnType, outputs: readonly string[]): Float32Array[] {
  return outputs.map((name) => {
    const output = results[name]?.data;
    if (!(output instanceof Float32Array))
      throw new VisionError('MODEL_UNUSABLE', `The model has no output "${name}".`);
    return output;
  });
}

function loaded<T>(model: T | undefined): T {
  if (model === undefined) throw new VisionError('MODEL_UNUSABLE', 'This thread was started without that model.');
  return model;
}

async function answer(question: InferenceQuestion): Promise<InferenceReply> {
  const { kind, frame } = question;
  if (kind === 'plates') return { kind: 'plates', ...(await loaded(plateReader)(frame, question.side)) };
  if (kind === 'detect') {
    const { input, run } = loaded(detector);
    await detectorInput(frame, input);
    const [scores, boxes] = await run('scores', 'boxes');
    const faces = facesFromOutput(scores as Float32Array, boxes as Float32Array, frame);
    const { buffer: spent } = frame.rgb;
    return { kind: 'faces', faces, ...(spent instanceof ArrayBuffer && { spent }) };
  }
  if (kind === 'embed') {
    const { input, run } = loaded(embedder);
    embedderInput(frame, input);
    const [output] = await run('output');
    return { kind: 'template', template: templateFromOutput(output as Float32Array) };
  }
  if (kind === 'liveness') {
    const { input, run } = loaded(livenessModel);
    await livenessInput(frame, input);
    const [output] = await run('output');
    return { kind: 'liveness', score: liveScoreFromOutput(output as Float32Array) };
  }
  const { input, run } = loaded(landmarker);
  landmarkerInput(frame, input);
  const [points] = await run('output');
  // The session owns its output's memory.
  return { kind: 'points', points: Float32Array.from(points as Float32Array) };
}

async function reply(question: InferenceQuestion): Promise<void> {
  const said = await answer(question).catch((error: unknown): InferenceReply => {
    const code = error instanceof VisionError ? error.code : 'MODEL_UNUSABLE';
    return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
  });
  port?.postMessage(said, said.kind === 'faces' && said.spent !== undefined ? [said.spent] : []);
}

let answered = Promise.resolve();
port.on('message', (request: InferenceRequest) => {
  // Without its port nothing keeps the thread.
  if (request.kind === 'end') answered.then(() => port.close());
  // Two at a time would write over each other's input.
  else answered = answered.then(() => reply(request));
});
port.postMessage({ kind: 'ready' } satisfies InferenceReply);
