import type { Point } from '../face-models.ts';
import type { Quad } from './quad.ts';

/** A line of text, in pixels of the map it was found in. */
export interface TextRegion {
  readonly quad: Quad;
  /** Mean probability of its core, 0..1. */
  readonly score: number;
}

/** Which pixels belong to a core: PaddleOCR's own value. */
const CORE_THRESHOLD = 0.3;
/** PaddleOCR has 0.6; what is found for less and is no plate the grammar drops. */
const MIN_SCORE = 0.5;
/** Smaller ones are no line that could be read. */
const MIN_PIXELS = 12;
const MIN_SIDE_PX = 3;
/**
 * The network is trained to find the core of a line: its outline shrunken by area × (1 − 0.4²) / perimeter. It is grown
 * again by area × this / perimeter: PaddleOCR's 1.5 and a little more, so that no first or last character is cut.
 */
const GROWTH = 1.6;

/**
 * Finds the lines of text in the map of a network for differentiable binarisation (Liao et al., 2020): connected cores, the
 * smallest rectangle around each, grown to the whole line.
 *
 * @param map heightPx × widthPx probabilities
 */
export function textRegions(map: Float32Array, widthPx: number, heightPx: number): TextRegion[] {
  const seen = new Uint8Array(map.length);
  const stack = new Int32Array(map.length);
  const regions: TextRegion[] = [];
  for (let start = 0; start < map.length; start += 1) {
    if (seen[start] === 1 || (map[start] as number) <= CORE_THRESHOLD) continue;
    const core = fill(map, widthPx, heightPx, start, seen, stack);
    if (core.pixels < MIN_PIXELS || core.sum / core.pixels < MIN_SCORE) continue;
    const quad = lineAround(core.outline);
    if (quad !== undefined) regions.push({ quad, score: core.sum / core.pixels });
  }
  return regions;
}

interface Core {
  readonly pixels: number;
  readonly sum: number;
  /** Pixels of it with a neighbour that is none, in the order of the scan. */
  readonly outline: Point[];
}

/** Collects one core, eight neighbours each. */
function fill(
  map: Float32Array,
  widthPx: number,
  heightPx: number,
  start: number,
  seen: Uint8Array,
  stack: Int32Array,
): Core {
  const outline: Point[] = [];
  let [pixels, sum, top] = [0, 0, 1];
  stack[0] = start;
  seen[start] = 1;
  while (top > 0) {
    top -= 1;
    const at = stack[top] as number;
    const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
    sum += map[at] as number;
    pixels += 1;
    let isEdge = x === 0 || y === 0 || x === widthPx - 1 || y === heightPx - 1;
    for (let row = Math.max(0, y - 1); row <= Math.min(heightPx - 1, y + 1); row += 1) {
      for (let column = Math.max(0, x - 1); column <= Math.min(widthPx - 1, x + 1); column += 1) {
        const next = row * widthPx + column;
        if ((map[next] as number) <= CORE_THRESHOLD) isEdge = true;
        else if (seen[next] === 0) {
          seen[next] = 1;
          stack[top] = next;
          top += 1;
        }
      }
    }
    if (isEdge) outline.push({ xPx: x, yPx: y });
  }
  return { pixels, sum, outline };
}

/** The smallest rectangle around the points, grown, its longer side as the direction of reading. */
function lineAround(points: Point[]): Quad | undefined {
  const smallest = smallestRectangle(convexHull(points));
  if (smallest === undefined) return undefined;
  let { alongX, alongY, widthPx, heightPx } = smallest;
  if (Math.min(widthPx, heightPx) < MIN_SIDE_PX) return undefined;
  const growPx = (widthPx * heightPx * GROWTH) / (2 * (widthPx + heightPx));
  widthPx += 2 * growPx;
  heightPx += 2 * growPx;
  if (heightPx > widthPx) {
    [widthPx, heightPx] = [heightPx, widthPx];
    [alongX, alongY] = [-alongY, alongX];
  }
  if (alongX < 0) [alongX, alongY] = [-alongX, -alongY];
  const corner = (right: number, down: number): Point => ({
    xPx: smallest.centre.xPx + (right * widthPx * alongX - down * heightPx * alongY) / 2,
    yPx: smallest.centre.yPx + (right * widthPx * alongY + down * heightPx * alongX) / 2,
  });
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

interface TiltedRectangle {
  readonly centre: Point;
  /** Unit vector of the side called width. */
  readonly alongX: number;
  readonly alongY: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** One of its sides lies on a side of the hull (Freeman and Shapira, 1975). */
function smallestRectangle(hull: readonly Point[]): TiltedRectangle | undefined {
  let best: TiltedRectangle | undefined;
  for (const [index, from] of hull.entries()) {
    const to = hull[(index + 1) % hull.length] as Point;
    const length = Math.hypot(to.xPx - from.xPx, to.yPx - from.yPx);
    if (length === 0) continue;
    const [alongX, alongY] = [(to.xPx - from.xPx) / length, (to.yPx - from.yPx) / length];
    const along = hull.map(({ xPx, yPx }) => xPx * alongX + yPx * alongY);
    const across = hull.map(({ xPx, yPx }) => yPx * alongX - xPx * alongY);
    const [left, right] = [Math.min(...along), Math.max(...along)];
    const [top, bottom] = [Math.min(...across), Math.max(...across)];
    // A pixel is as wide as one.
    const [widthPx, heightPx] = [right - left + 1, bottom - top + 1];
    if (best !== undefined && best.widthPx * best.heightPx <= widthPx * heightPx) continue;
    const [u, v] = [(left + right) / 2, (top + bottom) / 2];
    const centre = { xPx: u * alongX - v * alongY + 0.5, yPx: u * alongY + v * alongX + 0.5 };
    best = { centre, alongX, alongY, widthPx, heightPx };
  }
  return best;
}

/** Andrew's monotone chain. */
function convexHull(points: Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a.xPx - b.xPx || a.yPx - b.yPx);
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of ordered) {
      while (chain.length > 1 && turn(chain.at(-2) as Point, chain.at(-1) as Point, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

function turn(origin: Point, a: Point, b: Point): number {
  return (a.xPx - origin.xPx) * (b.yPx - origin.yPx) - (a.yPx - origin.yPx) * (b.xPx - origin.xPx);
}
