/** One picture as ffmpeg's `yuv420p`, limited range, BT.709: Y at full size, U and V at half width and half height. */
export interface PicturePlanes {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly y: Uint8ClampedArray;
  readonly u: Uint8ClampedArray;
  readonly v: Uint8ClampedArray;
}

/** Luma of an RGB colour (0..255 each), limited range, BT.709 (ITU-R BT.709-6, 3.2 and 3.4). */
export function lumaOf(red: number, green: number, blue: number): number {
  return 16 + (46.56 * red + 156.63 * green + 15.81 * blue) / 255;
}

/** Both chroma values of an RGB colour, centred on 128. */
export function chromaOf(red: number, green: number, blue: number): { u: number; v: number } {
  return {
    u: 128 + (-25.66 * red - 86.34 * green + 112 * blue) / 255,
    v: 128 + (112 * red - 101.73 * green - 10.27 * blue) / 255,
  };
}

export function createPlanes(widthPx: number, heightPx: number): PicturePlanes {
  const chromaSize = (widthPx / 2) * (heightPx / 2);
  return {
    widthPx,
    heightPx,
    y: new Uint8ClampedArray(widthPx * heightPx),
    u: new Uint8ClampedArray(chromaSize),
    v: new Uint8ClampedArray(chromaSize),
  };
}

/** Converts packed RGB, 3 bytes a pixel; width and height are even. Chroma is the mean of each 2×2 block. */
export function planesFromRgb(rgb: Uint8Array, widthPx: number, heightPx: number): PicturePlanes {
  const planes = createPlanes(widthPx, heightPx);
  for (let index = 0; index < widthPx * heightPx; index++) {
    planes.y[index] = lumaOf(rgb[index * 3] ?? 0, rgb[index * 3 + 1] ?? 0, rgb[index * 3 + 2] ?? 0);
  }
  const halfWidthPx = widthPx / 2;
  for (let row = 0; row < heightPx / 2; row++) {
    for (let column = 0; column < halfWidthPx; column++) {
      const first = (row * 2 * widthPx + column * 2) * 3;
      const below = first + widthPx * 3;
      const mean = (channel: number) =>
        ((rgb[first + channel] ?? 0) +
          (rgb[first + 3 + channel] ?? 0) +
          (rgb[below + channel] ?? 0) +
          (rgb[below + 3 + channel] ?? 0)) /
        4;
      const { u, v } = chromaOf(mean(0), mean(1), mean(2));
      planes.u[row * halfWidthPx + column] = u;
      planes.v[row * halfWidthPx + column] = v;
    }
  }
  return planes;
}

export function copyPlanes(from: PicturePlanes, to: PicturePlanes): void {
  to.y.set(from.y);
  to.u.set(from.u);
  to.v.set(from.v);
}
