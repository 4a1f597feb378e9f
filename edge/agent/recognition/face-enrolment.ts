import type { EnrolmentAdvice } from '@dipper/contract/events/face';
import type { ClaimSight } from '../../vision/face-claim.ts';
import type { FaceTemplate } from '../../vision/face-embedder.ts';
import { createPresentationCheck } from '../../vision/presentation-check.ts';
import { similarity } from '../../vision/template-match.ts';

export type EnrolmentFailure = 'FACE_NOT_SEEN' | 'SEVERAL_FACES' | 'QUALITY_LOW' | 'LIVENESS_FAILED';

export type EnrolmentProgress =
  | {
      readonly state: 'watching' | 'seen';
      readonly goodFrames: number;
      readonly code?: EnrolmentFailure;
      readonly advice?: EnrolmentAdvice;
    }
  | { readonly state: 'failed'; readonly goodFrames: number; readonly code: EnrolmentFailure }
  | { readonly state: 'done'; readonly goodFrames: number; readonly templates: readonly FaceTemplate[] };

/** What one frame showed during an enrolment. */
export interface EnrolmentFrame {
  readonly atMs: number;
  /** Faces in the picture, good or not. */
  readonly faceCount: number;
  /** Of the only face, when it is good enough to be compared. */
  readonly sight: ClaimSight | undefined;
  /** What keeps the only face from being good enough. */
  readonly shortcoming?: EnrolmentAdvice | undefined;
}

export interface FaceEnrolment {
  observe(frame: EnrolmentFrame): EnrolmentProgress;
  /** No frame came for a while: the time may be over all the same. */
  at(atMs: number): EnrolmentProgress;
}

/** Somebody steps up, looks, turns the head, and the guard explains it: longer is a sign that it will not work. */
export const ENROLMENT_LIMIT_MS = 30_000;
/** So many frames make a template set: one would be the chance of one moment. */
const GOOD_FRAMES = 6;
const TEMPLATES_KEPT = 4;
/** The same advice for so many frames in a row is told: whoever reads it needs a second to follow it. */
const ADVICE_FRAMES = 3;
/** Frames of one person; below this somebody else came before the camera, and everything begins anew. */
const SAME_PERSON = 0.5;

/**
 * Collects the frames of one enrolment: of exactly one person, good enough, alike among themselves, and alive. What it keeps of
 * them are templates that differ most from each other, so that a turned head is recognised as well.
 */
export function createFaceEnrolment(startedAtMs: number): FaceEnrolment {
  let check = createPresentationCheck();
  let good: FaceTemplate[] = [];
  const seen = { frames: 0, several: 0, attack: false };
  let isLive = false;
  let ended: EnrolmentProgress | undefined;
  const heard: { advice: EnrolmentAdvice | undefined; frames: number } = { advice: undefined, frames: 0 };
  let advice: EnrolmentAdvice | undefined;

  function hear(next: EnrolmentAdvice | undefined): void {
    heard.frames = heard.advice === next ? heard.frames + 1 : 1;
    heard.advice = next;
    if (heard.frames >= ADVICE_FRAMES) advice = next;
  }

  function restart(): void {
    check = createPresentationCheck();
    good = [];
    isLive = false;
  }

  function obstacle(): EnrolmentFailure {
    if (seen.frames === 0) return 'FACE_NOT_SEEN';
    if (seen.attack) return 'LIVENESS_FAILED';
    if (seen.several * 2 > seen.frames) return 'SEVERAL_FACES';
    return good.length < GOOD_FRAMES ? 'QUALITY_LOW' : 'LIVENESS_FAILED';
  }

  function progress(atMs: number): EnrolmentProgress {
    const goodFrames = good.length;
    if (ended !== undefined) return ended;
    if (seen.attack) ended = { state: 'failed', goodFrames, code: 'LIVENESS_FAILED' };
    else if (isLive && goodFrames >= GOOD_FRAMES) ended = { state: 'done', goodFrames, templates: spread(good) };
    else if (atMs - startedAtMs >= ENROLMENT_LIMIT_MS) ended = { state: 'failed', goodFrames, code: obstacle() };
    if (ended !== undefined) return ended;
    if (seen.frames === 0) return { state: 'watching', goodFrames };
    return { state: 'seen', goodFrames, code: obstacle(), ...(advice !== undefined && { advice }) };
  }

  return {
    at: progress,
    observe({ atMs, faceCount, sight, shortcoming }) {
      if (ended !== undefined || faceCount === 0) return progress(atMs);
      seen.frames += 1;
      if (faceCount > 1) {
        seen.several += 1;
        restart();
      } else if (sight !== undefined) {
        const first = good[0];
        if (first !== undefined && similarity(first, sight.template) < SAME_PERSON) restart();
        good = [...good, sight.template].slice(-16);
        const { verdict } = check.observe(sight);
        seen.attack = verdict === 'attack';
        isLive = verdict === 'live';
      }
      if (faceCount > 1) hear('come-alone');
      else hear(sight !== undefined && !isLive && good.length >= GOOD_FRAMES ? 'turn-head' : shortcoming);
      return progress(atMs);
    },
  };
}

/** The first, and then always the one least like those chosen before. */
function spread(templates: readonly FaceTemplate[]): FaceTemplate[] {
  const [first, ...rest] = templates;
  const chosen = first === undefined ? [] : [first];
  const nearness = (one: FaceTemplate) => Math.max(...chosen.map((other) => similarity(one, other)));
  while (chosen.length < TEMPLATES_KEPT && rest.length > 0) {
    rest.sort((a, b) => nearness(a) - nearness(b));
    chosen.push(...rest.splice(0, 1));
  }
  return chosen;
}
