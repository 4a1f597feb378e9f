import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { ensureModels } from '@dipper/models/ensure-models';
import type { Logger } from 'pino';
import type { RecordingStore } from '../video/recording/recording-store.ts';
import { createFaceWorker, type FaceWorker } from '../vision/face-worker.ts';
import { type CameraRunner, type CameraRunnerOptions, startCamera } from './camera/camera-runner.ts';
import type { EdgeConfig } from './config/read-config.ts';
import { createCameraFinder } from './find-camera.ts';

/** What cameras need of this machine. */
export interface CameraTools {
  readonly ffmpegPath: string;
  /** Undefined where no camera captures faces: then no model is fetched or loaded. */
  readonly faces: FaceWorker | undefined;
}

export interface CameraToolsOptions {
  readonly config: Pick<EdgeConfig, 'cameras' | 'models'>;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (message: string) => void;
  /** Gives up the preparation. */
  readonly starting: AbortSignal;
  /** Ends the models' thread. */
  readonly signal: AbortSignal;
}

/**
 * Finds ffmpeg, sees to it that the models are there and unchanged, and loads them. Undefined without cameras.
 * @throws FfmpegError, ModelError, VisionError MODEL_UNUSABLE
 */
export async function prepareCameras(options: CameraToolsOptions): Promise<CameraTools | undefined> {
  const { config, env, onProgress, starting, signal } = options;
  if (config.cameras.length === 0) return undefined;
  const allowInstall = (env['DIPPER_NO_INSTALL'] ?? '') === '';
  const ffmpeg = await findFfmpeg({ env, allowInstall, onProgress, signal: starting });
  if (!config.cameras.some(({ capture }) => capture.faces)) return { ffmpegPath: ffmpeg.path, faces: undefined };
  const models = await ensureModels({
    dir: config.models.dir,
    sets: ['face-capture'],
    onProgress,
    env,
    signal: starting,
  });
  onProgress('loading the models');
  const faces = await createFaceWorker({
    detectPath: models['face-detection'].path,
    landmarkPath: models['face-landmarks'].path,
    signal,
  });
  return { ffmpegPath: ffmpeg.path, faces };
}

/** Where a runner's findings go; the same for all. */
type Surroundings = Pick<CameraRunnerOptions, 'pictures' | 'emit' | 'publishState' | 'clock' | 'signal'> & {
  readonly recordings: RecordingStore | undefined;
};

/** Starts a runner per camera. @returns them by the camera's id */
export function startCameras(
  config: Pick<EdgeConfig, 'cameras'>,
  tools: CameraTools,
  surroundings: Surroundings,
  log: Logger,
): ReadonlyMap<string, CameraRunner> {
  return new Map(
    config.cameras.map((camera) => {
      const { id: device, place, capture, recording } = camera;
      const { recordings: store } = surroundings;
      const runner = startCamera({
        ...surroundings,
        device,
        place,
        find: createCameraFinder(camera, log.child({ device }), surroundings.signal),
        ...(recording !== undefined && store !== undefined && { recording: { store, mode: recording.mode } }),
        ...(capture.faces && tools.faces !== undefined && { models: tools.faces }),
        ffmpegPath: tools.ffmpegPath,
        log,
      });
      return [device, runner];
    }),
  );
}
