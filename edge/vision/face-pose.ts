import type { Landmarks } from './face-models.ts';

export interface FacePose {
  /** Turned towards the right edge of the picture: positive. */
  readonly yawDeg: number;
  /** Looking up: positive. */
  readonly pitchDeg: number;
  /** Tilted clockwise as seen in the picture: positive. */
  readonly rollDeg: number;
}

type Vector = readonly [number, number, number];

/**
 * Points of a generic adult head in millimetres, by landmark index: x to the picture's right, y down, z away from the
 * camera. Widths after the anthropometric means of Farkas (1994): eye corners 90 and 32 apart, mouth 50 wide.
 */
const HEAD: readonly (readonly [landmark: number, place: Vector])[] = [
  [36, [-45, 0, 18]],
  [39, [-16, 1, 13]],
  [42, [16, 1, 13]],
  [45, [45, 0, 18]],
  [30, [0, 44, -16]],
  [33, [0, 55, 0]],
  [48, [-25, 76, 12]],
  [54, [25, 76, 12]],
];

const HEAD_CENTRE = mean(HEAD.map(([, place]) => place));
const HEAD_CENTRED = HEAD.map(([, place]) => subtract(place, HEAD_CENTRE));

/**
 * How a face is turned: the head above is fitted to the landmarks under scaled orthographic projection, a linear
 * least-squares problem (POS of DeMenthon and Davis 1995, without its iterations). Good to some ten degrees, which is what
 * judging a shot needs.
 *
 * @returns undefined when the points do not span a face
 */
export function facePose(landmarks: Landmarks): FacePose | undefined {
  const points = HEAD.map(([landmark]) => landmarks[landmark] ?? { xPx: 0, yPx: 0 });
  // Scale times the rows of the rotation: what the picture's x and y are, as functions of the place on the head.
  const right = fitRow(points.map(({ xPx }) => xPx));
  const down = fitRow(points.map(({ yPx }) => yPx));
  if (!(Math.hypot(...right) > 1e-6 && Math.hypot(...down) > 1e-6)) return undefined;
  const row1 = unit(right);
  const row2 = unit(subtract(down, scale(row1, dot(down, row1))));
  const row3 = cross(row1, row2);
  return {
    yawDeg: degrees(Math.atan2(-row1[2], row3[2])),
    pitchDeg: degrees(Math.asin(Math.max(-1, Math.min(1, row2[2])))),
    rollDeg: degrees(Math.atan2(row2[0], row1[0])),
  };
}

/** The vector v for which place · v comes closest to the coordinates, by the normal equations and Cramer's rule. */
function fitRow(coordinates: readonly number[]): Vector {
  const middle = coordinates.reduce((sum, value) => sum + value, 0) / coordinates.length;
  const sumOver = (term: (place: Vector) => number) => HEAD_CENTRED.reduce((sum, place) => sum + term(place), 0);
  const column = (axis: 0 | 1 | 2): Vector => [
    sumOver((place) => place[0] * place[axis]),
    sumOver((place) => place[1] * place[axis]),
    sumOver((place) => place[2] * place[axis]),
  ];
  const [a, b, c] = [column(0), column(1), column(2)];
  const product = (axis: 0 | 1 | 2) =>
    HEAD_CENTRED.reduce((sum, place, index) => sum + place[axis] * ((coordinates[index] ?? 0) - middle), 0);
  const d: Vector = [product(0), product(1), product(2)];
  const determinant = dot(a, cross(b, c));
  return [dot(d, cross(b, c)) / determinant, dot(a, cross(d, c)) / determinant, dot(a, cross(b, d)) / determinant];
}

function mean(vectors: readonly Vector[]): Vector {
  const sum = (axis: 0 | 1 | 2) => vectors.reduce((total, vector) => total + vector[axis], 0) / vectors.length;
  return [sum(0), sum(1), sum(2)];
}
function subtract(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
function scale(a: Vector, by: number): Vector {
  return [a[0] * by, a[1] * by, a[2] * by];
}
function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
function unit(a: Vector): Vector {
  return scale(a, 1 / Math.hypot(...a));
}
function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
