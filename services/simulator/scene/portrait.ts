/**
 * A real person's head and shoulders, cut out of a photograph, and where the face is in it.
 * A walker (walker-sprite.ts) is this portrait over a drawn body.
 */
export interface Portrait {
  /** Packed RGBA, 4 bytes a pixel, not premultiplied. */
  readonly rgba: Buffer;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly face: { readonly centreXPx: number; readonly centreYPx: number; readonly heightPx: number };
  /** Colour of the clothes at the picture's lower edge, which the drawn body continues: 0..255 each. */
  readonly clothes: { readonly red: number; readonly green: number; readonly blue: number };
}

/** Mean colour of a portrait's visible pixels between two heights (0..1). */
export function meanColour(
  rgba: Uint8Array,
  widthPx: number,
  heightPx: number,
  fromHeight: number,
  toHeight: number,
): Portrait['clothes'] {
  let red = 0;
  let green = 0;
  let blue = 0;
  let weight = 0;
  for (
    let index = Math.floor(heightPx * fromHeight) * widthPx;
    index < Math.floor(heightPx * toHeight) * widthPx;
    index++
  ) {
    const alpha = rgba[index * 4 + 3] ?? 0;
    red += (rgba[index * 4] ?? 0) * alpha;
    green += (rgba[index * 4 + 1] ?? 0) * alpha;
    blue += (rgba[index * 4 + 2] ?? 0) * alpha;
    weight += alpha;
  }
  return weight === 0
    ? { red: 80, green: 84, blue: 92 }
    : { red: Math.round(red / weight), green: Math.round(green / weight), blue: Math.round(blue / weight) };
}
