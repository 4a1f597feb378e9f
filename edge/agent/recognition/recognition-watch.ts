import type { Logger } from 'pino';
import type { SeenFace } from '../../vision/face-capture.ts';
import { createFaceClaim, type FaceClaim } from '../../vision/face-claim.ts';
import type { RgbFrame } from '../../vision/frame.ts';
import type { RecognitionModels } from '../../vision/recognition-worker.ts';
import type { Enrolled } from '../../vision/template-match.ts';
import { isSuperseded } from '../../vision/vision-error.ts';
import { createLatestValue } from '../camera/latest-value.ts';
import { createFaceEnrolment, type EnrolmentProgress, type FaceEnrolment } from './face-enrolment.ts';
import { isComparable, shortcomingOf, sightOf } from './face-sights.ts';

/** A resident's face, seen alive: for the gate to decide on. */
export interface RecognisedFace {
  readonly holder: string;
  readonly atMs: number;
  /** Of the best frame, 0..1. */
  readonly similarity: number;
  readonly track: string;
}

export interface RecognitionWatchOptions {
  readonly models: RecognitionModels;
  /** Whom to compare with at this camera's access point, as of now. */
  readonly enrolled: () => readonly Enrolled[];
  readonly onRecognised: (face: RecognisedFace) => void;
  readonly log: Logger;
}

export interface RecognitionWatch {
  /** Takes what capture found in a frame; returns at once. */
  observe(frame: RgbFrame, atMs: number, faces: readonly SeenFace[]): void;
  /**
   * Enrols whoever stands before the camera; nobody is recognised meanwhile.
   * @param onProgress called when something about it changes; the last time with `done` or `failed`
   * @returns false while another enrolment is under way
   */
  enrol(atMs: number, onProgress: (progress: EnrolmentProgress) => void): boolean;
  /** Time passes without frames: an enrolment may be over. */
  tick(atMs: number): void;
  /** Resolves when nothing waits to be looked at. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Look {
  readonly frame: RgbFrame;
  readonly atMs: number;
  readonly faces: readonly SeenFace[];
}

interface Track {
  readonly claim: FaceClaim;
  lastAtMs: number;
  offeredAtMs: number;
}

/** More faces in one frame are a crowd: the largest are looked at. */
const MAX_FACES = 3;
/** A track that was not seen for so long is over. */
const FORGET_MS = 3_000;
/** Whoever still stands there is offered again after so long: the gate may have been locked. */
const OFFER_AGAIN_MS = 5_000;

/**
 * Recognises residents at one camera: always the newest frame, by a vote over frames, and only a face that showed a sign of life
 * in the same frames. What is neither recognised nor alive leaves no trace: no event, no log line.
 */
export function startRecognitionWatch(options: RecognitionWatchOptions): RecognitionWatch {
  const { models, log } = options;
  const tracks = new Map<string, Track>();
  const latest = createLatestValue<Look>();
  let enrolment: { readonly session: FaceEnrolment; readonly tell: (progress: EnrolmentProgress) => void } | undefined;
  /** Resolves once nothing is left to look at; undefined while there is nothing. */
  let busy: PromiseWithResolvers<void> | undefined;
  const rest = (): void => {
    busy?.resolve();
    busy = undefined;
  };

  function tellEnrolment(progress: EnrolmentProgress): void {
    const current = enrolment;
    if (progress.state === 'done' || progress.state === 'failed') enrolment = undefined;
    current?.tell(progress);
  }

  async function enrolFrom({ frame, atMs, faces }: Look, session: FaceEnrolment): Promise<void> {
    const [only] = faces;
    const face = faces.length === 1 ? only : undefined;
    const shortcoming = face && shortcomingOf(face);
    const sight = face && shortcoming === undefined ? await sightOf(models, frame, atMs, face) : undefined;
    tellEnrolment(session.observe({ atMs, faceCount: faces.length, sight, shortcoming }));
  }

  async function recogniseIn({ frame, atMs, faces }: Look): Promise<void> {
    for (const [id, { lastAtMs }] of tracks) if (atMs - lastAtMs > FORGET_MS) tracks.delete(id);
    const enrolled = options.enrolled();
    // Nobody to compare with: then no template is made of anybody either.
    if (enrolled.length === 0) return;
    const largest = faces.filter(isComparable).toSorted((a, b) => b.box.widthPx - a.box.widthPx);
    for (const face of largest.slice(0, MAX_FACES)) {
      const track = tracks.get(face.track) ?? {
        ...{ claim: createFaceClaim(), lastAtMs: atMs, offeredAtMs: Number.NEGATIVE_INFINITY },
      };
      tracks.set(face.track, track);
      track.lastAtMs = atMs;
      const { holder, presentation, similarity } = track.claim.observe(
        await sightOf(models, frame, atMs, face),
        enrolled,
      );
      if (holder === undefined) continue;
      if (presentation.verdict === 'attack')
        log.debug({ track: face.track, cues: presentation.cues }, 'not a living face');
      if (presentation.verdict !== 'live' || atMs - track.offeredAtMs < OFFER_AGAIN_MS) continue;
      track.offeredAtMs = atMs;
      options.onRecognised({ holder, atMs, similarity, track: face.track });
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      if (latest.isEmpty) rest();
      const look = await latest.take();
      if (look === undefined) return rest();
      try {
        if (enrolment !== undefined) await enrolFrom(look, enrolment.session);
        else await recogniseIn(look);
      } catch (error) {
        if (!isSuperseded(error)) log.error({ err: error }, 'a face could not be compared');
      }
    }
  }
  const done = run();
  let isClosed = false;

  return {
    observe(frame, atMs, faces) {
      if (isClosed || (faces.length === 0 && enrolment === undefined)) return;
      busy ??= Promise.withResolvers<void>();
      latest.put({ frame, atMs, faces });
    },
    enrol(atMs, onProgress) {
      if (enrolment !== undefined || isClosed) return false;
      tracks.clear();
      enrolment = { session: createFaceEnrolment(atMs), tell: onProgress };
      return true;
    },
    tick(atMs) {
      if (enrolment === undefined) return;
      const progress = enrolment.session.at(atMs);
      if (progress.state === 'failed') tellEnrolment(progress);
    },
    settled: () => busy?.promise ?? Promise.resolve(),
    async close() {
      isClosed = true;
      latest.end();
      await done;
      if (enrolment !== undefined) tellEnrolment({ state: 'failed', goodFrames: 0, code: 'FACE_NOT_SEEN' });
    },
  };
}
