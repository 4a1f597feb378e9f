import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { giveWay } from '@dipper/edge/vision/give-way';
import { createPlateAlphabet } from '@dipper/edge/vision/plates/plate-decoder';
import { PLATE_DETECTOR, PLATE_RECOGNISER } from '@dipper/edge/vision/plates/plate-input';
import { readPlates } from '@dipper/edge/vision/plates/read-plates';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { plateModelPaths, startPlateWorker } from '../support/plate-models.ts';
import type { Bench, Sample } from './bench.ts';
import { CONDITIONS, drawPlatePictures, drawSigns, hasNoto, type PlatePicture } from './plates-pictures.ts';

interface Run {
  readonly model: 'detect' | 'recognise';
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const PER_CONDITION = 40;
/** Pictures of a round: some three seconds each side. */
const TIMED = 24;

export const bench: Bench = {
  what: 'ms a picture from a frame of 640 × 360 to the plates in it, in the thread as the agent has it, against the bare ONNX sessions on the same tensors',
  unit: 'ms/picture',
  goal: { ratio: 1.25, is: 'at-most' },
  options: { pictures: { type: 'string' } },

  async prepare({ seed, options }) {
    const pictures = await drawPlatePictures(seed, Number(options['pictures'] ?? PER_CONDITION));
    const worker = await startPlateWorker();
    const reader = worker.forStream();
    const timed = pictures.filter((_, index) => index % Math.ceil(pictures.length / TIMED) === 0);
    const sessions = await loadSessions();
    // The models' thread gives way to the rest of an edge; on a busy machine the reference has to as well.
    giveWay();
    const runs = await recordRuns(timed, sessions);
    const counted = (model: Run['model']) => runs.filter((run) => run.model === model).length;
    const work = `${counted('detect')} detections, ${counted('recognise')} recognitions`;
    const sample = (startedMs: number): Sample => ({ value: (performance.now() - startedMs) / timed.length, work });
    const read = ({ frame }: Pick<PlatePicture, 'frame'>) => reader.read(frame, { leftPx: 0, topPx: 0, ...frame });

    return {
      dipper: {
        command: 'createPlateWorker().forStream().read(frame, area)',
        async sample() {
          const startedMs = performance.now();
          for (const picture of timed) await read(picture);
          return sample(startedMs);
        },
      },
      reference: {
        command: 'InferenceSession.run of both models on tensors made beforehand, one thread',
        async sample() {
          const startedMs = performance.now();
          for (const run of runs) await runModel(sessions, run);
          return sample(startedMs);
        },
      },
      async detail() {
        const outcomes: { picture: PlatePicture; read: string[] }[] = [];
        for (const picture of pictures)
          outcomes.push({ picture, read: (await read(picture)).plates.map(({ text }) => text) });
        const isRight = ({ picture, read: texts }: (typeof outcomes)[number]) =>
          texts.length === 1 && texts[0] === picture.plate;
        const rightOf = (some: typeof outcomes) => `${some.filter(isRight).length}/${some.length}`;
        const signs = await drawSigns();
        const misread: string[] = [];
        for (const { text, frame } of signs) {
          for (const plate of (await read({ frame })).plates)
            misread.push(`${text}: ${plate.text} ${plate.confidence.toFixed(2)}`);
        }
        return {
          input: createHash('sha256')
            .update(pictures.map(({ plate }) => plate).join())
            .digest('hex')
            .slice(0, 12),
          typefaces: hasNoto ? 'own strokes and Noto Sans CJK' : 'own strokes only: fonts-noto-cjk is not installed',
          platesPerSec: Number((1000 / (await meanMs(timed, read))).toFixed(1)),
          exactMatch: {
            ...Object.fromEntries(
              CONDITIONS.map((condition) => [
                condition,
                rightOf(outcomes.filter(({ picture }) => picture.condition === condition)),
              ]),
            ),
            total: rightOf(outcomes),
          },
          signsReadAsPlates: `${misread.length}/${signs.length}`,
          misread,
          failures: outcomes
            .filter((outcome) => !isRight(outcome))
            .map(
              ({ picture, read: texts }) =>
                `${picture.condition} ${picture.typeface} ${picture.plate}: ${texts.join(' ') || '-'}`,
            ),
        };
      },
      async [Symbol.asyncDispose]() {
        await worker[Symbol.asyncDispose]();
      },
    };
  },
};

async function meanMs(
  pictures: readonly PlatePicture[],
  read: (picture: PlatePicture) => Promise<unknown>,
): Promise<number> {
  const startedMs = performance.now();
  for (const picture of pictures) await read(picture);
  return (performance.now() - startedMs) / pictures.length;
}

type Sessions = Readonly<Record<Run['model'], InferenceSession>>;

async function loadSessions(): Promise<Sessions> {
  const paths = await plateModelPaths();
  const options = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  } as const;
  return {
    detect: await InferenceSession.create(paths.detection, options),
    recognise: await InferenceSession.create(paths.recognition, options),
  };
}

async function runModel(sessions: Sessions, { model, data, shape }: Run): Promise<Float32Array> {
  const { input, output } = model === 'detect' ? PLATE_DETECTOR : PLATE_RECOGNISER;
  const result = await sessions[model].run({ [input]: new Tensor('float32', data, shape) });
  return result[output]?.data as Float32Array;
}

/** What our pipeline asks the models while it reads these pictures. */
async function recordRuns(pictures: readonly PlatePicture[], sessions: Sessions): Promise<Run[]> {
  const alphabet = createPlateAlphabet(await readFile((await plateModelPaths()).characters, 'utf8'));
  const runs: Run[] = [];
  const record = (run: Run) => {
    runs.push({ ...run, data: Float32Array.from(run.data) });
    return runModel(sessions, run);
  };
  for (const { frame } of pictures) {
    await readPlates(frame, {
      alphabet,
      networks: {
        detect: ({ data, widthPx, heightPx }) => record({ model: 'detect', data, shape: [1, 3, heightPx, widthPx] }),
        recognise: (data, widthPx) =>
          record({ model: 'recognise', data, shape: [1, 3, PLATE_RECOGNISER.heightPx, widthPx] }),
      },
    });
  }
  return runs;
}
