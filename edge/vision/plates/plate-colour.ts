import type { RgbFrame } from '../frame.ts';

export type PlateColour = 'blue' | 'green' | 'yellow' | 'unknown';

/** The border and what lies beyond it do not count. */
const INSET = 0.15;
/** Hues in degrees. A blue plate is at 210 to 225, a green one fades from white to 150, a yellow one is at 45. */
const HUES = { yellow: [28, 68], green: [80, 178], blue: [188, 258] } as const;
/** Less saturated is grey. */
const MIN_SATURATION = 0.25;
/** Below this share of coloured pixels there is no colour; characters cover a third of a plate. */
const MIN_SHARE = 0.3;
/** Darker is black whatever its hue. */
const DARK = 50;

/**
 * The colour of a plate's ground, from the straightened picture. `unknown` where no colour has the majority, and where all is
 * grey: in infrared light, and on the white and black plates of special cars, which look alike there.
 */
export function plateColour({ widthPx, heightPx, rgb }: RgbFrame): PlateColour {
  const counts = { yellow: 0, green: 0, blue: 0 };
  let pixels = 0;
  for (let row = Math.ceil(heightPx * INSET); row < heightPx * (1 - INSET); row += 1) {
    for (let column = Math.ceil(widthPx * INSET); column < widthPx * (1 - INSET); column += 1) {
      pixels += 1;
      const hue = hueOf(rgb, (row * widthPx + column) * 3);
      if (hue === undefined) continue;
      for (const colour of ['yellow', 'green', 'blue'] as const) {
        if (hue >= HUES[colour][0] && hue <= HUES[colour][1]) counts[colour] += 1;
      }
    }
  }
  const [colour, count] = Object.entries(counts).reduce((a, b) => (b[1] > a[1] ? b : a));
  return count >= pixels * MIN_SHARE ? (colour as keyof typeof counts) : 'unknown';
}

/** Degrees, or undefined for grey and for black. */
function hueOf(rgb: Uint8Array, at: number): number | undefined {
  const [red, green, blue] = [rgb[at] as number, rgb[at + 1] as number, rgb[at + 2] as number];
  const most = Math.max(red, green, blue);
  const spread = most - Math.min(red, green, blue);
  if (most < DARK || spread < most * MIN_SATURATION) return undefined;
  if (most === red) return (((green - blue) / spread) * 60 + 360) % 360;
  if (most === green) return ((blue - red) / spread) * 60 + 120;
  return ((red - green) / spread) * 60 + 240;
}
