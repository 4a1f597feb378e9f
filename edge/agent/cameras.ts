import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { ensureModels } from '@dipper/models/ensure-models';
import type { Logger } from 'pino';
import type { WatchThread } from '../onvif/watch-thread.ts';
import type { RecordingStore } from '../video/recording/recording-store.ts';
import { createFaceWorker, type FaceWorker } from '../vision/face-worker.ts';
import { createPlateWorker, type PlateWorker } from '../vision/plates/plate-worker.ts';
import { createRecognitionWorker, type RecognitionWorker } from '../vision/recognition-worker.ts';
import { type Attendant, type AttendantStats, startAttendant } from './attendant/attendant.ts';
import { createStateWithClock } from './attendant/state-with-clock.ts';
import { type CameraRunner, type CameraRunnerOptions, type CameraStats, startCamera } from './camera/camera-runner.ts';
import { createClockSteps } from './camera/clock-steps.ts';
import type { PlateOffer } from './camera/plate-capture.ts';
import { createCameraIdentities } from './camera-identities.ts';
import { type CameraChanges, compareCameras } from './config/compare-configs.ts';
import type { CameraConfig, EdgeConfig } from './config/read-config.ts';
import { createCameraFinder } from './find-camera.ts';
import type { Pressed } from './load/shedding.ts';

export interface CameraToolsOptions {
  readonly models: EdgeConfig['models'];
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (message: string) => void;
  /** Gives up the preparation. */
  readonly starting: AbortSignal;
  /** Ends the models' thread. */
  readonly signal: AbortSignal;
}

/** What cameras need of this machine, fetched and loaded when the first camera needs it. */
export interface CameraTools extends AsyncDisposable {
  readonly ffmpegPath: string | undefined;
  /** Undefined where no camera captures faces: then no model is fetched or loaded. */
  readonly faces: FaceWorker | undefined;
  /** Undefined where no camera recognises faces. */
  readonly recognition: RecognitionWorker | undefined;
  /** Undefined where no camera reads plates. */
  readonly plates: PlateWorker | undefined;
  /** @throws FfmpegError, ModelError, VisionError MODEL_UNUSABLE */
  prepare(cameras: readonly CameraConfig[]): Promise<void>;
}

/** Finds ffmpeg, sees to it that the models are there and unchanged, and loads them: what these cameras need, once. */
export function createCameraTools(options: CameraToolsOptions): CameraTools {
  const { models, env, onProgress, starting, signal } = options;
  const tools: { ffmpegPath?: string; faces?: FaceWorker; recognition?: RecognitionWorker; plates?: PlateWorker } = {};
  const fetching = { dir: models.dir, onProgress, env, signal: starting };

  return {
    get ffmpegPath() {
      return tools.ffmpegPath;
    },
    get faces() {
      return tools.faces;
    },
    get recognition() {
      return tools.recognition;
    },
    get plates() {
      return tools.plates;
    },
    async prepare(cameras) {
      if (cameras.length === 0) return;
      const allowInstall = (env['DIPPER_NO_INSTALL'] ?? '') === '';
      tools.ffmpegPath ??= (await findFfmpeg({ env, allowInstall, onProgress, signal: starting })).path;
      if (tools.faces === undefined && cameras.some(looksForFaces)) {
        const files = await ensureModels({ ...fetching, sets: ['face-capture'] });
        onProgress('loading the models of faces');
        tools.faces = await createFaceWorker({
          detectPath: files['face-detection'].path,
          landmarkPath: files['face-landmarks'].path,
          signal,
        });
      }
      if (tools.recognition === undefined && cameras.some(({ recognition }) => recognition !== undefined)) {
        const files = await ensureModels({ ...fetching, sets: ['access-control'] });
        onProgress('loading the models of recognition');
        tools.recognition = await createRecognitionWorker({
          embedPath: files['face-embedding'].path,
          livenessPath: files['face-liveness'].path,
          signal,
        });
      }
      if (tools.plates === undefined && cameras.some(({ capture }) => capture.plates !== undefined)) {
        const files = await ensureModels({ ...fetching, sets: ['plate-reading'] });
        onProgress('loading the models of plates');
        const paths = {
          detection: files['plate-detection'].path,
          recognition: files['plate-recognition'].path,
          characters: files['plate-characters'].path,
        };
        tools.plates = await createPlateWorker({ paths, signal });
      }
    },
    async [Symbol.asyncDispose]() {
      const { faces, recognition, plates } = tools;
      await Promise.all([faces, recognition, plates].map((worker) => worker?.[Symbol.asyncDispose]()));
    },
  };
}

function looksForFaces({ capture, recognition }: CameraConfig): boolean {
  return capture.faces || recognition !== undefined;
}

/** Where the runners' findings go; the same for all. */
export type Surroundings = Pick<CameraRunnerOptions, 'pictures' | 'emit' | 'publishState' | 'sheds' | 'clock'> & {
  readonly tools: CameraTools;
  /** Where the clocks and events of all cameras are watched. */
  readonly watchThread: WatchThread;
  /** Asked when a camera starts: recordings may have been opened for it. */
  readonly recordings: () => RecordingStore | undefined;
  /** What looks at the faces of a camera at an access point. */
  readonly recogniseAt?: (camera: string, accessPoint: string) => CameraRunnerOptions['onSeen'];
  /** A plate that was read before a gate asks it to open. */
  readonly offerPlate?: (gate: string, camera: string, offer: PlateOffer) => void;
  readonly log: Logger;
  /** Ends all cameras. */
  readonly signal: AbortSignal;
};

export interface CameraFleet {
  find(device: string): CameraRunner | undefined;
  /** As it is configured now. */
  configOf(device: string): CameraConfig | undefined;
  /** Starts, stops and replaces runners until they are these; whoever has not changed notices nothing. */
  apply(cameras: readonly CameraConfig[]): Promise<CameraChanges>;
  stats(): Readonly<Record<string, CameraStats & { readonly onvif: AttendantStats }>>;
  /** Who has lost pictures since the last call because this machine did not keep up. */
  takePressure(): Pressed | undefined;
  /** What this machine gives up has changed. */
  noteLoad(): void;
  /** Resolves when the signal has ended every camera. */
  done(): Promise<void>;
}

interface Running {
  readonly runner: CameraRunner;
  readonly attendant: Attendant;
  readonly stop: AbortController;
}

/** The agent's cameras: they come and go with its configuration. */
export function createCameraFleet(surroundings: Surroundings): CameraFleet {
  const { tools, signal, clock } = surroundings;
  const running = new Map<string, Running>();
  const identities = createCameraIdentities(surroundings.log);
  let configured: readonly CameraConfig[] = [];

  function start(camera: CameraConfig): void {
    const { id: device, place, capture, recording } = camera;
    const store = surroundings.recordings();
    const stop = new AbortController();
    const own = AbortSignal.any([signal, stop.signal]);
    const log = surroundings.log;
    if (tools.ffmpegPath === undefined) throw new Error('cameras start after their tools are prepared');
    const { pictures, emit, watchThread, sheds = () => false } = surroundings;
    const steps = createClockSteps(clock);
    const reportOnvif: typeof emit = (draft) => {
      if (draft.type !== 'clock.stepped' || steps.isNews(draft.data.stepMs)) emit(draft);
      runner.noteEvent(draft);
    };
    const state = createStateWithClock(surroundings.publishState);
    const publishState = state.setState;
    const runner = startCamera({
      ...{ pictures, emit, publishState, sheds, clock, log, signal: own, device, place, isNewStep: steps.isNews },
      find: createCameraFinder(camera, log.child({ device }), own, (about) => identities.note(device, about)),
      ...{ motion: camera.motion, patrols: camera.patrols },
      ...(recording !== undefined && store !== undefined && { recording: { store, ...recording } }),
      ...(looksForFaces(camera) && tools.faces !== undefined && { models: tools.faces, capturesFaces: capture.faces }),
      ...recognitionOf(camera),
      ...platesOf(camera),
      ffmpegPath: tools.ffmpegPath,
    });
    const attendant = startAttendant({
      ...{ camera, thread: watchThread, report: reportOnvif, onClock: state.setClock, clock, log, signal: own },
      onMotion: (atMs) => runner.noteMotion(atMs),
    });
    running.set(device, { runner, attendant, stop });
  }

  function recognitionOf({ id, recognition }: CameraConfig): Pick<CameraRunnerOptions, 'onSeen'> {
    const onSeen = recognition && surroundings.recogniseAt?.(id, recognition.accessPoint);
    return onSeen === undefined ? {} : { onSeen };
  }

  function platesOf({ id, capture }: CameraConfig): Pick<CameraRunnerOptions, 'plates'> {
    const { offerPlate } = surroundings;
    if (capture.plates === undefined || tools.plates === undefined) return {};
    const { lane, gate, minVotes } = capture.plates;
    const offer = gate && offerPlate && ((read: PlateOffer) => offerPlate(gate, id, read));
    return { plates: { models: tools.plates, lane, minVotes, ...(offer && { offer }) } };
  }

  async function stop(device: string): Promise<void> {
    const camera = running.get(device);
    camera?.stop.abort();
    await Promise.all([camera?.runner.done, camera?.attendant.done]);
    running.delete(device);
    identities.forget(device);
  }

  /** Its retained state would go on saying that it is online. */
  function tellRemoved(device: string): void {
    surroundings.publishState({
      ...{ kind: 'camera', device, connection: 'unreachable', since: new Date(clock.nowMs()).toISOString() },
      ...{ cause: 'CAMERA_NOT_CONFIGURED', message: 'The edge does not look after this camera any more.' },
      picture: 'unknown',
    });
  }

  return {
    find: (device) => running.get(device)?.runner,
    configOf: (device) => configured.find(({ id }) => id === device),
    async apply(cameras) {
      const changes = compareCameras(configured, cameras);
      configured = cameras;
      await Promise.all([...changes.changed, ...changes.removed].map(stop));
      for (const device of changes.removed) tellRemoved(device);
      const toStart = [...changes.added, ...changes.changed];
      for (const camera of cameras) if (toStart.includes(camera.id) && !signal.aborted) start(camera);
      return changes;
    },
    stats: () =>
      Object.fromEntries(
        Array.from(running, ([device, { runner, attendant }]) => [
          device,
          { ...runner.stats(), onvif: attendant.stats() },
        ]),
      ),
    takePressure() {
      const pressed = Array.from(running.values(), ({ runner }) => runner.takePressure());
      return pressed.includes('recording') ? 'recording' : pressed.find((each) => each !== undefined);
    },
    noteLoad() {
      for (const { runner } of running.values()) runner.noteLoad();
    },
    async done() {
      await Promise.all(Array.from(running.values()).flatMap(({ runner, attendant }) => [runner.done, attendant.done]));
    },
  };
}
