/** A rectangle in a picture, in pixels, not necessarily whole ones. */
export interface PixelBox {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Intersection over union, 0..1. */
export function overlap(a: PixelBox, b: PixelBox): number {
  const widthPx = Math.min(a.leftPx + a.widthPx, b.leftPx + b.widthPx) - Math.max(a.leftPx, b.leftPx);
  const heightPx = Math.min(a.topPx + a.heightPx, b.topPx + b.heightPx) - Math.max(a.topPx, b.topPx);
  if (widthPx <= 0 || heightPx <= 0) return 0;
  const shared = widthPx * heightPx;
  return shared / (a.widthPx * a.heightPx + b.widthPx * b.heightPx - shared);
}

/** How far apart two centres are, in the mean size of the two boxes: the same for a near and for a far face. */
export function centreDistance(a: PixelBox, b: PixelBox): number {
  const x = a.leftPx + a.widthPx / 2 - b.leftPx - b.widthPx / 2;
  const y = a.topPx + a.heightPx / 2 - b.topPx - b.heightPx / 2;
  return Math.hypot(x, y) / ((a.widthPx + a.heightPx + b.widthPx + b.heightPx) / 4);
}

/** The part of a box that lies in a picture; of no size when there is none. */
export function clipBox(box: PixelBox, picture: { readonly widthPx: number; readonly heightPx: number }): PixelBox {
  const leftPx = Math.min(Math.max(box.leftPx, 0), picture.widthPx);
  const topPx = Math.min(Math.max(box.topPx, 0), picture.heightPx);
  return {
    leftPx,
    topPx,
    widthPx: Math.max(0, Math.min(box.leftPx + box.widthPx, picture.widthPx) - leftPx),
    heightPx: Math.max(0, Math.min(box.topPx + box.heightPx, picture.heightPx) - topPx),
  };
}

/** The same place in a picture of another size, such as the main stream's for a box of the sub-stream. */
export function scaleBox(
  box: PixelBox,
  from: { readonly widthPx: number; readonly heightPx: number },
  to: { readonly widthPx: number; readonly heightPx: number },
): PixelBox {
  const x = to.widthPx / from.widthPx;
  const y = to.heightPx / from.heightPx;
  return { leftPx: box.leftPx * x, topPx: box.topPx * y, widthPx: box.widthPx * x, heightPx: box.heightPx * y };
}
