import type { PixelBox } from '../box.ts';

/** `unknown`: it moves across the picture, neither nearer nor farther. */
export type PlateDirection = 'approaching' | 'leaving' | 'unknown';

export interface PlateMovement {
  /** @param atMs never earlier than the one before */
  observe(box: PixelBox, atMs: number): void;
  /** How the plate moved last; undefined for one that has only ever stood where it was first seen: it was there before. */
  readonly direction: PlateDirection | undefined;
}

/**
 * A plate has moved when its centre is off its place by half its height, or its width has changed by an eighth. Boxes of a
 * plate that stands jitter by a pixel or two, a tenth of the least height that is read.
 */
const MIN_SHIFT = 0.5;
const MIN_GROWTH = 1.125;
/** Two boxes at either end must agree: one that swallowed a sticker beside the plate moves nothing. */
const ENDS = 2;

/**
 * Follows one plate's place: whether it moves at all, and by growth whether it comes or goes.
 * @param withinMs places are compared within this time: what creeps by a pixel an hour is a camera that sags
 */
export function createPlateMovement(withinMs: number): PlateMovement {
  let places: { readonly box: PixelBox; readonly atMs: number }[] = [];
  let direction: PlateDirection | undefined;

  return {
    observe(box, atMs) {
      places = [...places, { box, atMs }].filter((place) => atMs - place.atMs <= withinMs);
      if (places.length < 2 * ENDS) return;
      const last = places.slice(-ENDS);
      const moves = places.slice(0, ENDS).flatMap((from) => last.map((to) => directionOf(from.box, to.box)));
      if (moves.includes(undefined)) return;
      const [nearer, farther] = [moves.includes('approaching'), moves.includes('leaving')];
      direction = nearer === farther ? 'unknown' : nearer ? 'approaching' : 'leaving';
    },
    get direction() {
      return direction;
    },
  };
}

/** undefined when the two are one place. */
function directionOf(from: PixelBox, to: PixelBox): PlateDirection | undefined {
  const growth = to.widthPx / from.widthPx;
  if (growth >= MIN_GROWTH) return 'approaching';
  if (growth <= 1 / MIN_GROWTH) return 'leaving';
  const x = to.leftPx + to.widthPx / 2 - from.leftPx - from.widthPx / 2;
  const y = to.topPx + to.heightPx / 2 - from.topPx - from.heightPx / 2;
  return Math.hypot(x, y) >= MIN_SHIFT * Math.max(from.heightPx, to.heightPx) ? 'unknown' : undefined;
}
