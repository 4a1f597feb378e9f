/** How a model wants the colours of a picture: which plane comes first, and (v − offset) / divisor. */
export interface PlaneFormat {
  readonly order: 'RGB' | 'BGR';
  readonly offset: number;
  readonly divisor: number;
}

/**
 * Packed RGB into three planes of numbers, one after the other (NCHW of one picture), for one model.
 * @param into three times as many numbers as there are pixels; made where there is none. @returns it
 */
export type PlanePacker = (rgb: Uint8Array, pixelCount: number, into?: Float32Array) => Float32Array;

/** What each of the 256 values becomes is worked out once: it is asked for a quarter of a million times a picture. */
export function createPlanePacker({ order, offset, divisor }: PlaneFormat): PlanePacker {
  const numbers = Float32Array.from({ length: 256 }, (_, value) => (value - offset) / divisor);
  const [first, third] = order === 'RGB' ? [0, 2] : [2, 0];
  return (rgb, pixelCount, into = new Float32Array(3 * pixelCount)) => {
    for (let pixel = 0, at = 0; pixel < pixelCount; pixel += 1, at += 3) {
      into[pixel] = numbers[rgb[at + first] as number] as number;
      into[pixelCount + pixel] = numbers[rgb[at + 1] as number] as number;
      into[2 * pixelCount + pixel] = numbers[rgb[at + third] as number] as number;
    }
    return into;
  };
}
