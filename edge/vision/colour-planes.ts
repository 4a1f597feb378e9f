/** How a model wants the colours of a picture: which plane comes first, and (v − offset) / divisor. */
export interface PlaneFormat {
  readonly order: 'RGB' | 'BGR';
  readonly offset: number;
  readonly divisor: number;
}

/** Packed RGB of so many pixels as three planes of numbers, one after the other (NCHW of one picture). */
export function colourPlanes(rgb: Uint8Array, pixelCount: number, format: PlaneFormat): Float32Array {
  const planes = new Float32Array(3 * pixelCount);
  for (let plane = 0; plane < 3; plane += 1) {
    const channel = format.order === 'RGB' ? plane : 2 - plane;
    for (let pixel = 0; pixel < pixelCount; pixel += 1) {
      planes[plane * pixelCount + pixel] = ((rgb[pixel * 3 + channel] ?? 0) - format.offset) / format.divisor;
    }
  }
  return planes;
}
