import type { Landmarks, Point } from '@dipper/edge/vision/face-models';

/** A face of 68 points whose depth is a ball's, turned by an angle, 90 pixels between the eyes; a flat one keeps the picture's own depth, none. */
export function turnedFace(
  yawDeg: number,
  options: { readonly flat?: boolean; readonly eyes?: number } = {},
): Landmarks {
  const yaw = (yawDeg * Math.PI) / 180;
  const points = Array.from({ length: 68 }, (_, index) => {
    const angle = index * 2.399963;
    const radius = 55 * Math.sqrt((index + 0.5) / 68);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) * 1.2 };
  });
  // The corners and lids of the eyes stand where they do in a face: 36–41 left, 42–47 right.
  for (const [first, middle] of [
    [36, -32],
    [42, 32],
  ] as const) {
    const opening = 7 * (options.eyes ?? 1);
    for (const [offset, x, y] of [
      [0, -13, 0],
      [1, -4, -opening],
      [2, 4, -opening],
      [3, 13, 0],
      [4, 4, opening],
      [5, -4, opening],
    ] as const) {
      points[first + offset] = { x: middle + x, y: -25 + y };
    }
  }
  return points.map(({ x, y }): Point => {
    const depth = options.flat === true ? 0 : Math.sqrt(Math.max(0, 75 * 75 - x * x - (y * y) / 1.5));
    const away = 1 + (x * Math.sin(yaw) - depth * Math.cos(yaw)) / 900;
    return { xPx: 200 + (x * Math.cos(yaw) + depth * Math.sin(yaw)) / away, yPx: 200 + y / away };
  });
}
