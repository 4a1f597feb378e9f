import type { PicturePlanes } from './picture-planes.ts';
import { createRandom } from './random.ts';

/** Standard deviation in luma steps: a small sensor at dusk. It survives H.264 at this scene's bit rate (the tests look). */
const SIGMA = 2.6;

const SLACK = 131_071;

export interface SensorNoise {
  /** Adds fresh noise to the luma of a picture. */
  addTo(picture: PicturePlanes): void;
}

/** Gaussian noise, drawn once and then read from a new random position for every frame. */
export function createSensorNoise(pixels: number, seed: number): SensorNoise {
  const random = createRandom(seed);
  const noise = new Int8Array(pixels + SLACK);
  for (let index = 0; index < noise.length; index++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    noise[index] = Math.round(SIGMA * radius * Math.cos(2 * Math.PI * random()));
  }
  return {
    addTo({ y }) {
      const start = Math.floor(random() * SLACK);
      for (let index = 0; index < y.length; index++) {
        y[index] = (y[index] as number) + (noise[start + index] as number);
      }
    },
  };
}
