import { createPlateWorker, type PlateWorker } from '@dipper/edge/vision/plates/plate-worker';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';

/** The files that plates are read with; fetched once. */
export async function plateModelPaths() {
  const models = await ensureModels({ dir: modelsDir(process.env), sets: ['plate-reading'] });
  return {
    detection: models['plate-detection'].path,
    recognition: models['plate-recognition'].path,
    characters: models['plate-characters'].path,
  };
}

/** The real models in their real thread. */
export async function startPlateWorker(signal: AbortSignal = new AbortController().signal): Promise<PlateWorker> {
  return createPlateWorker({ paths: await plateModelPaths(), signal });
}
