import type { PixelBox } from './box.ts';
import { eyeDistancePx, eyeOpening } from './face-eyes.ts';
import type { Landmarks } from './face-models.ts';
import { type PointMotion, pointMotion } from './plane-motion.ts';

/** What one frame says about whether the face in it is a living one. */
export interface PresentationSight {
  readonly atMs: number;
  readonly box: PixelBox;
  readonly landmarks: Landmarks;
  /** Of the liveness model, 0..1. */
  readonly liveScore: number;
  /** Sides with a straight edge around the face, 0..4; see `sheetEdgeCount`. */
  readonly sheetEdges: number;
}

export type PresentationVerdict = 'live' | 'attack' | 'undecided';

export interface PresentationJudgement {
  readonly verdict: PresentationVerdict;
  /** What spoke for an attack, or for life. For the log: it tells nobody apart. */
  readonly cues: readonly ('model' | 'sheet' | 'flat' | 'depth' | 'blink')[];
}

export interface PresentationCheck {
  /** The next frame of the same face. An attack stays one: whoever was taken for it steps out of the picture and comes again. */
  observe(sight: PresentationSight): PresentationJudgement;
}

/** A verdict takes so many frames, over so long: the model errs on single ones, and nobody turns a head in less. */
const MIN_FRAMES = 6;
const MIN_SPAN_MS = 700;
/** What is longer ago is forgotten. */
const MAX_FRAMES = 16;
/**
 * Median of the model's score from which on it speaks for life, and below which for an attack. On the suite's own test set
 * (test/system/presentation-attacks.wide.test.ts) living faces had medians of 0.76 to 1, prints and screens at most 0.43; cut-outs
 * without a margin up to 1, which is why it never decides alone.
 */
const LIVE_SCORE = 0.5;
const ATTACK_SCORE = 0.3;
/** Three sides of a rectangle around a face are a sheet; a door frame has one or two. */
const SHEET_EDGES = 3;
/**
 * How much of the landmarks' motion no flat sheet explains, in parts of the distance between the eyes: 0.014 to 0.043 for heads
 * that turn by 10 to 18 degrees, 0.003 to 0.0115 (the landmarks' own noise) for sheets that do.
 */
const DEPTH_MOTION = 0.014;
/** And how large a part of all motion beyond a rigid move that has to be: 0.65 to 0.84 for heads, 0.13 to 0.9 for sheets, most where least moves. */
const DEPTH_SHARE = 0.6;
/** So much has moved that depth would have shown. */
const ENOUGH_MOTION = 0.0115;
/** A flat face is believed only after longer: somebody may begin with a still head. */
const FLAT_FRAMES = 9;
/** Those of the jaw slide along the outline when a head turns, and lids are looked at for blinks. */
const isFirm = (landmark: number): boolean => landmark >= 17 && ![37, 38, 40, 41, 43, 44, 46, 47].includes(landmark);
/** Pairs of frames are sorted by how much moved between them; this share of them, the most moved, is judged by. */
const MOVED_SHARE = 0.25;
/** Closed means so much narrower than usual, open again so near to it. */
const BLINK_CLOSED = 0.6;
const BLINK_OPEN = 0.85;
/** In smaller faces the lids are a guess of the landmark model. */
const BLINK_EYE_DISTANCE_PX = 60;

/**
 * Presentation-attack detection (ISO/IEC 30107-1) over the frames of one face: the model's score, the rim of a sheet around the
 * face, whether the face's points move as those of a flat thing, and blinks where eyes are large enough to see them.
 *
 * Live takes all of: enough frames, a good median of the model's score, no rim, and a **positive** sign of life (depth or a
 * blink). What shows none stays undecided, and undecided opens nothing. A video on a screen without a visible rim, a bent mask
 * and a mask of the face's own shape have depth as well: against those stand the model's score and a second factor only.
 */
export function createPresentationCheck(): PresentationCheck {
  const sights: PresentationSight[] = [];
  let motions: { readonly motion: PointMotion; readonly olderAtMs: number }[] = [];
  let attack: PresentationJudgement | undefined;

  return {
    observe(sight) {
      const points = firmPoints(sight.landmarks);
      for (const older of sights) {
        const motion = pointMotion(firmPoints(older.landmarks), points, eyeDistancePx(older.landmarks));
        if (motion !== undefined) motions.push({ motion, olderAtMs: older.atMs });
      }
      sights.push(sight);
      if (sights.length > MAX_FRAMES) {
        sights.shift();
        const firstAtMs = sights[0]?.atMs ?? 0;
        motions = motions.filter(({ olderAtMs }) => olderAtMs >= firstAtMs);
      }
      if (attack !== undefined) return attack;
      const judgement = judge(
        sights,
        motions.map(({ motion }) => motion),
      );
      if (judgement.verdict === 'attack') attack = judgement;
      return judgement;
    },
  };
}

function firmPoints(landmarks: Landmarks): Landmarks {
  return landmarks.filter((_, landmark) => isFirm(landmark));
}

function judge(sights: readonly PresentationSight[], motions: readonly PointMotion[]): PresentationJudgement {
  const spanMs = (sights.at(-1)?.atMs ?? 0) - (sights[0]?.atMs ?? 0);
  if (sights.length < MIN_FRAMES || spanMs < MIN_SPAN_MS) return { verdict: 'undecided', cues: [] };
  const score = median(sights.map(({ liveScore }) => liveScore));
  const { beyondSimilarity, beyondPlane } = mostMoved(motions);
  const hasDepth = beyondPlane >= DEPTH_MOTION && beyondPlane >= DEPTH_SHARE * beyondSimilarity;
  const attacks = [
    ...(score < ATTACK_SCORE ? (['model'] as const) : []),
    ...(median(sights.map(({ sheetEdges }) => sheetEdges)) >= SHEET_EDGES ? (['sheet'] as const) : []),
    ...(!hasDepth && beyondSimilarity >= ENOUGH_MOTION && sights.length >= FLAT_FRAMES ? (['flat'] as const) : []),
  ];
  if (attacks.length > 0) return { verdict: 'attack', cues: attacks };
  const signs = [...(hasDepth ? (['depth'] as const) : []), ...(hasBlink(sights) ? (['blink'] as const) : [])];
  const isLive = score >= LIVE_SCORE && signs.length > 0;
  return { verdict: isLive ? 'live' : 'undecided', cues: isLive ? ['model', ...signs] : signs };
}

function mostMoved(motions: readonly PointMotion[]): PointMotion {
  const sorted = motions.toSorted((a, b) => b.beyondSimilarity - a.beyondSimilarity);
  const most = sorted.slice(0, Math.ceil(sorted.length * MOVED_SHARE));
  const mean = (part: keyof PointMotion) => most.reduce((sum, motion) => sum + motion[part], 0) / (most.length || 1);
  return { beyondSimilarity: mean('beyondSimilarity'), beyondPlane: mean('beyondPlane') };
}

/** Eyes that were open, closed and are open again. */
function hasBlink(sights: readonly PresentationSight[]): boolean {
  if (sights.some(({ landmarks }) => eyeDistancePx(landmarks) < BLINK_EYE_DISTANCE_PX)) return false;
  const openings = sights.map(({ landmarks }) => eyeOpening(landmarks));
  const usual = median(openings);
  const closed = openings.findIndex((opening, index) => index > 0 && opening < BLINK_CLOSED * usual);
  if (closed < 0) return false;
  const wasOpen = openings.slice(0, closed).some((opening) => opening >= BLINK_OPEN * usual);
  return wasOpen && openings.slice(closed + 1).some((opening) => opening >= BLINK_OPEN * usual);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
