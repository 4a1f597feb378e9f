import type { CameraRunnerOptions } from '@dipper/edge/agent/camera/camera-runner';
import { createFaceWorker, type FaceWorker } from '@dipper/edge/vision/face-worker';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';
import type { SceneName } from '@dipper/simulator/scene/scene-name';
import { afterAll, beforeAll } from 'vitest';
import { type SimulatedStreet, startSimulatedStreet } from './simulated-street.ts';
import { startWatchingCamera } from './watching-camera.ts';

export interface WatchedStreetOptions {
  readonly cameras: readonly string[];
  /** Default: people. */
  readonly scene?: SceneName;
  /** Whether the models that look for faces are loaded, once for all cameras. */
  readonly hasFaceModels?: boolean;
}

type WatchingCamera = ReturnType<typeof startWatchingCamera>;

export interface WatchedStreet extends Omit<SimulatedStreet, 'close'> {
  /** @throws Error where the file did not ask for them */
  readonly models: FaceWorker;
  /** Watches a camera of this street as an edge does. One that a failed test left is stopped with the street. */
  watch(device: string, options?: Partial<CameraRunnerOptions>): WatchingCamera;
}

/** The ground of a test file about cameras: a simulated street before its first test, ended after its last. */
export function watchedStreet({ cameras, scene, hasFaceModels = false }: WatchedStreetOptions): WatchedStreet {
  const owner = new AbortController();
  const watching: WatchingCamera[] = [];
  let street: SimulatedStreet | undefined;
  let models: FaceWorker | undefined;

  beforeAll(async () => {
    street = await startSimulatedStreet(cameras, scene);
    if (!hasFaceModels) return;
    const files = await ensureModels({ dir: modelsDir(process.env), sets: ['face-capture'] });
    models = await createFaceWorker({
      detectPath: files['face-detection'].path,
      landmarkPath: files['face-landmarks'].path,
      signal: owner.signal,
    });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(watching.map((camera) => camera.stop()));
    owner.abort();
    await street?.close();
  });

  const current = (): SimulatedStreet => street ?? missing('street');
  return {
    get estate() {
      return current().estate;
    },
    get models() {
      return models ?? missing('model of faces');
    },
    access: (camera) => current().access(camera),
    sessions: (camera) => current().sessions(camera),
    watch(device, options = {}) {
      const camera = startWatchingCamera({ device, find: async () => current().access(device), ...options });
      watching.push(camera);
      return camera;
    },
  };
}

function missing(what: string): never {
  throw new Error(`there is no ${what}: tests run after beforeAll, and models are asked for`);
}
