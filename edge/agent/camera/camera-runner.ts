import type { LiveForm, StreamName } from '@dipper/contract/commands';
import type { EventData, EventDraft, EventType } from '@dipper/contract/events';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import { type DecoderStats, startDecoder } from '../../video/decoder.ts';
import { createDecodingPace } from '../../video/decoding-pace.ts';
import { type LivePiece, liveFeed } from '../../video/live-feed.ts';
import { anyBrowserFeed } from '../../video/mpeg1/any-browser-feed.ts';
import { type RecorderOptions, type RecorderStats, startRecorder } from '../../video/recording/recorder.ts';
import type { RingStats } from '../../video/ring.ts';
import type { StreamSourceStats } from '../../video/stream-source.ts';
import type { FaceModels } from '../../vision/face-models.ts';
import { createMotionWatch, type MotionWatchOptions } from '../../vision/motion-watch.ts';
import { cutFacePicture } from '../../vision/picture.ts';
import type { Pressed, Shedding } from '../load/shedding.ts';
import type { FindCamera } from './camera-access.ts';
import { type CameraState, createCameraState } from './camera-state.ts';
import { type CameraStreams, startCameraStreams } from './camera-streams.ts';
import { type CaptureDesk, createCaptureDesk, type PictureKeeper } from './capture-desk.ts';
import { type ConnectionStats, createConnectionWatch } from './connection-watch.ts';
import { type FaceWatch, type FaceWatchOptions, type FaceWatchStats, startFaceWatch } from './face-watch.ts';
import { createFrameWatch, type FrameWatchStats } from './frame-watch.ts';
import { createPictureHealth } from './picture-health.ts';
import { type PlateCaptureOptions, startPlateCapture } from './plate-capture.ts';
import type { PlateWatchStats } from './plate-watch.ts';
import { RECORDING_TRIGGERS, type RecordingTrigger, triggerOf } from './recording-triggers.ts';
import { createShotCutter, type ShotCutterOptions } from './shot-cutter.ts';
import { thinLive } from './thin-live.ts';

export interface CameraRunnerOptions {
  readonly device: string;
  readonly place: string;
  readonly find: FindCamera;
  /** Absent: faces are not captured here. Each call gives a place of its own in the queue of the models. */
  readonly models?: { forStream(): FaceModels };
  /** Whether faces are kept as pictures. Default: true where there are models. */
  readonly capturesFaces?: boolean;
  /** Told of the faces in each frame: recognition at an access point. */
  readonly onSeen?: FaceWatchOptions['onSeen'];
  /** Absent: plates are not read here. */
  readonly plates?: PlateCaptureOptions;
  readonly pictures: PictureKeeper;
  /** Where motion counts, and how much of it. Default: everywhere. */
  readonly motion?: MotionWatchOptions;
  /** The camera turns by itself: that it shows another scene is no tampering. Default: false. */
  readonly patrols?: boolean;
  /** Absent: nothing is recorded. */
  readonly recording?: Pick<RecorderOptions, 'store' | 'mode'> & {
    /** What makes a camera record that records by event. Default: everything that may. */
    readonly triggers?: readonly RecordingTrigger[];
  };
  /** How a picture is made of a frame. Default: the face with a margin. */
  readonly cutPicture?: typeof cutFacePicture;
  /** How much of the main stream's picture is decoded for it; see the shot cutter. */
  readonly regionAround?: ShotCutterOptions['regionAround'];
  readonly emit: (event: EventDraft) => void;
  readonly publishState: (state: CameraState) => void;
  readonly ffmpegPath: string;
  /** Whether nobody has told yet that the camera's clock was set by so much. Default: nobody else does. */
  readonly isNewStep?: (stepMs: number) => boolean;
  /** What this machine has no time for now. Default: there is time for everything. */
  readonly sheds?: Shedding['sheds'];
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** An outage shorter than this is no event. Default 15,000. */
  readonly blipMs?: number;
  /** How long a stream may go on without a key frame. Default: the stream source's. */
  readonly keyFrameMs?: number;
  /** How long a better shot is waited for after the first adequate one. Default 3,000. */
  readonly shotWaitMs?: number;
}

export interface CameraStats {
  readonly connection: ConnectionStats;
  readonly streams: Partial<Record<StreamName, StreamSourceStats>>;
  readonly rings: Record<StreamName, RingStats>;
  readonly decoder: DecoderStats;
  readonly watch: FrameWatchStats;
  readonly recorder: RecorderStats | undefined;
  readonly faces: FaceWatchStats | undefined;
  readonly captures: ReturnType<CaptureDesk['stats']> | undefined;
  readonly plates: PlateWatchStats | undefined;
  /** Pictures that viewers were not sent because this machine has too much to do. */
  readonly liveShed: number;
}

export interface CameraRunner {
  /** A stream for one viewer; ends with the camera or the signal. */
  live(stream: StreamName, signal: AbortSignal, form?: LiveForm): AsyncIterable<LivePiece>;
  /** The device says that something moves: its picture is looked at closely from a moment before. */
  noteMotion(atMs: number): void;
  /** The device told of something by itself: what is recorded by event may be recorded because of it. */
  noteEvent(draft: EventDraft): void;
  /** The camera is being turned by somebody who may: what it shows next is what it usually shows. */
  noteTurned(): void;
  stats(): CameraStats;
  /** Who has lost pictures since the last call because this machine did not keep up. */
  takePressure(): Pressed | undefined;
  /** What is given up has changed: the camera's state tells how much was, up to here. */
  noteLoad(): void;
  /** Resolves when the signal has ended the camera: no child is left, and what was captured has been told. Never rejects. */
  readonly done: Promise<void>;
}

/** Faces are looked for so often: at walking pace a face moves by less than its width in between. */
const FRAMES_PER_SECOND = 5;
/** So long after the last motion, face or doubt everything is still looked at: people stop to talk, and go on. */
const LINGER_MS = 10_000;
/** A device tells of motion when it has made sure of it. */
const BEFORE_MOTION_MS = 2_000;
/** Detection needs no more; a camera with one stream only is scaled down to this. */
const MAX_DETECTION_WIDTH_PX = 960;

/** Runs one camera: keeps its streams, watches its picture and its connection, and captures faces. */
export function startCamera(options: CameraRunnerOptions): CameraRunner {
  const { device, place, clock, ffmpegPath, sheds = () => false } = options;
  // Of our own: the owner's has a listener for each part of each camera otherwise.
  const signal = AbortSignal.any([options.signal]);
  const log = options.log.child({ device });

  function emit<T extends EventType>(type: T, atMs: number, data: EventData<T>): void {
    const draft = { type, device, place, occurredAtMs: Math.round(atMs), data } as EventDraft;
    options.emit(draft);
    noteEvent(draft);
  }

  const triggers = options.recording?.triggers ?? RECORDING_TRIGGERS;
  function noteEvent(draft: EventDraft): void {
    trigger(triggerOf(draft), draft.occurredAtMs);
  }

  function trigger(what: RecordingTrigger | undefined, atMs: number): void {
    if (what !== undefined && triggers.includes(what)) recorder?.trigger(atMs);
  }

  const state = createCameraState(device, options.publishState);
  const connection = createConnectionWatch({
    clock,
    blipMs: options.blipMs ?? 15_000,
    onConnection: (current) => state.setConnection(current, connection.stats().blips),
    onOnline: (atMs, data) => emit('camera.online', atMs, data),
    onOffline: (atMs, data) => emit('camera.offline', atMs, data),
    onDegraded: (atMs, data) => emit('camera.degraded', atMs, data),
  });
  state.setConnection(connection.current());
  const pace = createDecodingPace({ clock, lingerMs: LINGER_MS });
  const health = createPictureHealth({
    patrols: options.patrols ?? false,
    onPicture: (picture) => state.setPicture(picture),
    onTampered: (atMs, data) => emit('camera.tampered', atMs, data),
    onFrozen: (atMs, data) => emit('camera.frozen', atMs, data),
    onDoubt: () => pace.wake(),
  });

  const streams = startCameraStreams({
    find: options.find,
    ...(options.keyFrameMs !== undefined && { keyFrameMs: options.keyFrameMs }),
    ffmpegPath,
    clock,
    log,
    signal,
    onAccess: (access) => state.setAccess(access),
    onClockStep(stepMs) {
      if (options.isNewStep?.(stepMs) ?? true) emit('clock.stepped', clock.nowMs(), { stepMs, clock: 'camera' });
    },
    onState: (stream, streamState) => {
      connection.observe(stream, streamState);
      state.setStream(stream, streamState);
      if (stream !== 'sub' || streamState.kind !== 'failed') return;
      health.lose();
      faces?.watch.endTracks();
      plates?.endTracks();
    },
  });
  const recorder =
    options.recording && startRecorder({ ...options.recording, device, ring: streams.rings.main, clock, log, signal });
  const faces =
    options.models === undefined
      ? undefined
      : startFaces({ ...options, signal, log }, options.models, streams, emit, () => pace.wake());
  const plates =
    options.plates &&
    startPlateCapture(options.plates, {
      ...{ mainRing: streams.rings.main, ffmpegPath, clock, log, signal },
      onRead: (atMs, data) => emit('plate.read', atMs, data),
    });
  const decoder = startDecoder({
    ...{ ring: streams.rings.sub, ffmpegPath, clock, log, signal },
    ...{ framesPerSecond: FRAMES_PER_SECOND, maxWidthPx: MAX_DETECTION_WIDTH_PX },
    pace,
    isShed: () => sheds('capture'),
    onTrouble(trouble) {
      connection.observeAnalysis(trouble);
      noteLoad();
    },
  });
  let liveShed = 0;
  let lostBefore = { capture: 0, recording: 0 };

  function takePressure(): Pressed | undefined {
    const lost = { capture: decoder.stats().skipped, recording: recorder?.stats().skipped ?? 0 };
    const before = lostBefore;
    lostBefore = lost;
    if (lost.recording > before.recording) return 'recording';
    return lost.capture > before.capture ? 'capture' : undefined;
  }

  function noteLoad(): void {
    const { shed, skipped } = decoder.stats();
    state.setShed({ capture: shed + skipped, live: liveShed, recording: recorder?.stats().skipped ?? 0 });
  }

  const motion = createMotionWatch(options.motion);
  const frames = createFrameWatch({
    onMotion: (atMs) => trigger('motion', atMs),
    ...{ pace, motion, health },
    faces: faces?.watch,
    plates,
  });

  async function watchFrames(): Promise<void> {
    for await (const frame of decoder.frames) await frames.observe(frame);
  }

  async function run(): Promise<void> {
    await Promise.all([watchFrames(), streams.done, recorder?.done]);
    connection.stop();
    await Promise.all([faces?.watch.close(), plates?.close()]);
    await faces?.desk.settled();
  }

  return {
    live: (stream, over, form) => {
      const view = { ring: streams.rings[stream], ffmpegPath, log, signal: AbortSignal.any([over, signal]) };
      const pieces = form === 'any-browser' ? anyBrowserFeed(view) : liveFeed(view.ring, view.signal);
      const isShed = (): boolean => sheds('live');
      return thinLive(pieces, isShed, () => void liveShed++);
    },
    takePressure,
    noteLoad,
    noteMotion(atMs) {
      pace.wake(atMs - BEFORE_MOTION_MS);
      trigger('motion', atMs);
    },
    noteEvent,
    noteTurned: () => health.turn(clock.nowMs()),
    stats: () => ({
      connection: connection.stats(),
      streams: streams.stats(),
      rings: { main: streams.rings.main.stats(), sub: streams.rings.sub.stats() },
      decoder: decoder.stats(),
      watch: frames.stats(),
      recorder: recorder?.stats(),
      faces: faces?.watch.stats(),
      captures: faces?.desk.stats(),
      plates: plates?.stats(),
      liveShed,
    }),
    done: run().catch((error: unknown) => log.fatal({ err: error }, 'the camera is not watched any more')),
  };
}

/** From frames of the sub-stream to `face.captured` events. */
function startFaces(
  options: CameraRunnerOptions,
  models: { forStream(): FaceModels },
  streams: CameraStreams,
  emit: (type: 'face.captured', atMs: number, data: EventData<'face.captured'>) => void,
  onFaces: () => void,
): { readonly watch: FaceWatch; readonly desk: CaptureDesk } {
  const { clock, signal, ffmpegPath, device, pictures, log } = options;
  const desk = createCaptureDesk({
    device,
    pictures,
    cutter: createShotCutter({
      ...{ mainRing: streams.rings.main, models: models.forStream(), ffmpegPath, log, signal },
      ...(options.regionAround !== undefined && { regionAround: options.regionAround }),
    }),
    cutPicture: options.cutPicture ?? cutFacePicture,
    onCaptured: (atMs, data) => emit('face.captured', atMs, data),
    log,
    signal,
  });
  const watch = startFaceWatch({
    models: models.forStream(),
    waitMs: options.shotWaitMs,
    onFaces,
    onSeen: options.onSeen,
    onShot: (shot) => void (options.capturesFaces === false || desk.take(shot)),
    clock,
    log,
  });
  return { watch, desk };
}
