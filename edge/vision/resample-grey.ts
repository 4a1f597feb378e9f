/** Lanczos' kernel with three lobes where a line is scaled down; where it is enlarged, the cubic one of Catmull and Rom. */
const LOBES = 3;
const CUBIC_REACH = 2;

/** What each pixel of a line is made of: `taps` neighbours from `starts` on, by weights that sum to one. */
interface LineFilter {
  readonly taps: number;
  readonly starts: Int32Array;
  /** Length of the line to be made × taps. */
  readonly weights: Float32Array;
}

/**
 * Scales one plane of brightness to another size, with a kernel that is widened where it is scaled down (Turkowski 1990). In here rather than by libvips: for a face of a hundred pixels setting libvips up takes ten times what the
 * arithmetic does.
 *
 * @param plane widthPx × heightPx, any range
 * @param into outWidthPx × outHeightPx, the same range, overshoot at edges included
 */
export function resampleGrey(
  plane: Float32Array,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  into: Float32Array,
  { widthPx: outWidthPx, heightPx: outHeightPx }: { readonly widthPx: number; readonly heightPx: number },
): void {
  const down = lineFilter(heightPx, outHeightPx);
  const across = lineFilter(widthPx, outWidthPx);
  const row = new Float32Array(widthPx);
  for (let outY = 0; outY < outHeightPx; outY += 1) {
    row.fill(0);
    for (let tap = 0; tap < down.taps; tap += 1) {
      const weight = down.weights[outY * down.taps + tap] as number;
      const start = ((down.starts[outY] as number) + tap) * widthPx;
      for (let x = 0; x < widthPx; x += 1) row[x] = (row[x] as number) + weight * (plane[start + x] as number);
    }
    for (let outX = 0; outX < outWidthPx; outX += 1) {
      const start = across.starts[outX] as number;
      const firstWeight = outX * across.taps;
      let sum = 0;
      for (let tap = 0; tap < across.taps; tap += 1) {
        sum += (across.weights[firstWeight + tap] as number) * (row[start + tap] as number);
      }
      into[outY * outWidthPx + outX] = sum;
    }
  }
}

/** The edge is repeated beyond the line: what weighs there weighs on the last pixel. */
function lineFilter(from: number, to: number): LineFilter {
  const scale = from / to;
  const isEnlarged = scale < 1;
  const reach = isEnlarged ? CUBIC_REACH : LOBES * scale;
  const taps = Math.min(from, Math.floor(2 * reach) + 1);
  const starts = new Int32Array(to);
  const weights = new Float32Array(to * taps);
  for (let out = 0; out < to; out += 1) {
    const centre = (out + 0.5) * scale - 0.5;
    const first = Math.ceil(centre - reach);
    const start = Math.min(Math.max(first, 0), from - taps);
    starts[out] = start;
    let sum = 0;
    for (let place = first; place <= centre + reach; place += 1) {
      const weight = isEnlarged ? cubic(place - centre) : lanczos((place - centre) / scale);
      const tap = out * taps + Math.min(Math.max(place, 0), from - 1) - start;
      weights[tap] = (weights[tap] as number) + weight;
      sum += weight;
    }
    for (let tap = out * taps; tap < (out + 1) * taps; tap += 1) weights[tap] = (weights[tap] as number) / sum;
  }
  return { taps, starts, weights };
}

function lanczos(x: number): number {
  if (Math.abs(x) < 1e-6) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x >= CUBIC_REACH) return 0;
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
}
