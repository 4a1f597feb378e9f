import { fileURLToPath } from 'node:url';
import { createFaceWorker, type FaceWorker } from '@dipper/edge/vision/face-worker';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { createRecognitionWorker, type RecognitionWorker } from '@dipper/edge/vision/recognition-worker';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';
import { fetchNpmFiles } from '@dipper/models/npm-files';
import sharp, { type Sharp } from 'sharp';

const GROUP_PHOTO = {
  package: 'tracking',
  version: '1.1.3',
  integrity: 'sha512-XS9CVMzjp6AHT5e7oRamU8U5Lz3k6BIRTkBVs0XqepwgwXQ4kbbmxrWzTG2v6RMvJC/9MKuSBQiX/5hwsQFcCQ==',
  path: 'examples/assets/faces.jpg',
  sha256: '889272392977114f72146e88b6775cdea9a2a421c84472972c862d7435281b7e',
};

/** A photograph of three men at a table, 600 x 346 pixels, their faces some 85 pixels wide. Fetched, never in git. */
export async function groupPhoto(): Promise<Sharp> {
  const { path, sha256, ...pin } = GROUP_PHOTO;
  const cacheDir = fileURLToPath(new URL('../../data/test-pictures', import.meta.url));
  const files = await fetchNpmFiles({ ...pin, files: [{ path, sha256 }], cacheDir });
  return sharp(files.get(path));
}

/** @param picture is rendered first, so that steps like a rotation and a resize happen in the order given */
export async function frameOf(picture: Sharp): Promise<RgbFrame> {
  const { data, info } = await sharp(await picture.png().toBuffer())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { widthPx: info.width, heightPx: info.height, rgb: data };
}

/** The real models in their real thread. */
export async function startFaceWorker(signal: AbortSignal = new AbortController().signal): Promise<FaceWorker> {
  const models = await ensureModels({ dir: modelsDir(process.env), sets: ['face-capture'] });
  const [detection, landmarks] = [models['face-detection'], models['face-landmarks']];
  return createFaceWorker({ detectPath: detection.path, landmarkPath: landmarks.path, signal });
}

/** The real models of recognition in their real thread. */
export async function startRecognitionWorker(
  signal: AbortSignal = new AbortController().signal,
): Promise<RecognitionWorker> {
  const models = await ensureModels({ dir: modelsDir(process.env), sets: ['access-control'] });
  const [embedding, liveness] = [models['face-embedding'], models['face-liveness']];
  return createRecognitionWorker({ embedPath: embedding.path, livenessPath: liveness.path, signal });
}
