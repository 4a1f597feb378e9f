import type { FaceBox } from '@dipper/edge/vision/face-models';
import { createFaceWorker } from '@dipper/edge/vision/face-worker';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';
import sharp from 'sharp';

/** Sure enough that none of a hundred pictures of cars held a face at this score. */
const SURE = 0.8;

/** The faces that the product's own detector is sure of in a JPEG. */
export async function facesIn(jpeg: Buffer): Promise<FaceBox[]> {
  const models = await ensureModels({ dir: modelsDir(process.env), sets: ['face-capture'] });
  const done = new AbortController();
  await using worker = await createFaceWorker({
    detectPath: models['face-detection'].path,
    landmarkPath: models['face-landmarks'].path,
    signal: done.signal,
  });
  const { data, info } = await sharp(jpeg)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const faces = await worker.detect({ rgb: data, widthPx: info.width, heightPx: info.height });
  return faces.filter(({ score }) => score >= SURE);
}
