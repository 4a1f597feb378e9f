import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RgbFrame } from '../frame.ts';
import type { PlateModelPaths } from '../inference-messages.ts';
import { VisionError } from '../vision-error.ts';
import { createPlateAlphabet } from './plate-decoder.ts';
import { type DetectorSide, PLATE_DETECTOR, PLATE_RECOGNISER } from './plate-input.ts';
import { type PlateFindings, readPlates } from './read-plates.ts';

/** Loads both sessions into the thread that calls. @throws VisionError MODEL_UNUSABLE about the list of characters */
export async function loadPlateReader(
  paths: PlateModelPaths,
  options: InferenceSession.SessionOptions,
): Promise<(frame: RgbFrame, side: DetectorSide) => Promise<PlateFindings>> {
  const detector = await InferenceSession.create(paths.detection, options);
  const recogniser = await InferenceSession.create(paths.recognition, options);
  const alphabet = createPlateAlphabet(await readFile(paths.characters, 'utf8'));
  const networks = {
    detect: ({ data, widthPx, heightPx }: { data: Float32Array; widthPx: number; heightPx: number }) =>
      run(detector, PLATE_DETECTOR, data, [1, 3, heightPx, widthPx]),
    recognise: (input: Float32Array, widthPx: number) =>
      run(recogniser, PLATE_RECOGNISER, input, [1, 3, PLATE_RECOGNISER.heightPx, widthPx]),
  };
  return (frame, side) => readPlates(frame, { networks, alphabet, side });
}

async function run(
  session: InferenceSession,
  names: { readonly input: string; readonly output: string },
  data: Float32Array,
  shape: readonly number[],
): Promise<Float32Array> {
  const output = (await session.run({ [names.input]: new Tensor('float32', data, shape) }))[names.output]?.data;
  if (!(output instanceof Float32Array)) {
    throw new VisionError('MODEL_UNUSABLE', `The model has no output "${names.output}".`);
  }
  return output;
}
