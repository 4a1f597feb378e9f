import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Boundary,
  boundaryProblem,
  gridAt,
  isInside,
  type Position,
} from '@dipper/hub/domains/place/grid-boundary';
import { describe, expect, it } from 'vitest';

const SAMPLE = fileURLToPath(new URL('../../../../../../config/samples/town/grids.geojson', import.meta.url));

function ringOf(west: number, south: number, size = 1): Position[] {
  const [east, north] = [west + size, south + size];
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}
const square = (west: number, south: number, size?: number): Boundary => ({
  type: 'Polygon',
  coordinates: [ringOf(west, south, size)],
});

describe('the grid of a point', () => {
  it('is the one around it, and none outside', () => {
    const grids = [
      { id: 'a', boundary: square(0, 0) },
      { id: 'undrawn', boundary: null },
      { id: 'b', boundary: square(1, 0) },
    ];
    expect(gridAt(grids, [0.5, 0.5])).toBe('a');
    expect(gridAt(grids, [1.5, 0.5])).toBe('b');
    expect(gridAt(grids, [2.5, 0.5])).toBeNull();
  });

  it('on a border is the one to the east, or to the north, and never two', () => {
    const grids = [
      { id: 'south-west', boundary: square(0, 0) },
      { id: 'south-east', boundary: square(1, 0) },
      { id: 'north-west', boundary: square(0, 1) },
      { id: 'north-east', boundary: square(1, 1) },
    ];
    expect(gridAt(grids, [1, 0.5])).toBe('south-east');
    expect(gridAt(grids, [0.5, 1])).toBe('north-west');
    expect(gridAt(grids, [1, 1])).toBe('north-east');
  });

  it('is exactly one at the corners and along the borders of the sample town, whichever way rings are drawn', () => {
    const { features } = JSON.parse(readFileSync(SAMPLE, 'utf8')) as { features: { geometry: Boundary }[] };
    const rings = features.map(({ geometry }) => geometry.coordinates[0] as Position[]);
    const turned = rings.map(
      (ring, index): Boundary => ({ type: 'Polygon', coordinates: [index % 2 === 0 ? ring : ring.toReversed()] }),
    );
    const [west, south, east, north] = [120, 30, 120.0294, 30.0252];
    const points = rings.flatMap((ring) =>
      ring.slice(1).flatMap(([x, y], index) => {
        const [fromX, fromY] = ring[index] as Position;
        return [0, 0.25, 1 / 3, 0.5].map((part): Position => [fromX + part * (x - fromX), fromY + part * (y - fromY)]);
      }),
    );
    const inner = points.filter(([x, y]) => x > west && x < east && y > south && y < north);
    expect(inner.length).toBeGreaterThan(500);
    expect(inner.filter((point) => turned.filter((each) => isInside(each, point)).length !== 1)).toEqual([]);
  });

  it('knows holes and areas of several parts, and prefers the smaller where two lie over one another', () => {
    const withHole: Boundary = { type: 'Polygon', coordinates: [ringOf(0, 0, 4), ringOf(1, 1)] };
    const parts: Boundary = { type: 'MultiPolygon', coordinates: [[ringOf(1, 1)], [ringOf(10, 0, 4)]] };
    expect(isInside(withHole, [1.5, 1.5])).toBe(false);
    expect(isInside(withHole, [0.5, 0.5])).toBe(true);
    expect(isInside(parts, [1.5, 1.5])).toBe(true);
    expect(isInside(parts, [11, 1])).toBe(true);
    const over = [
      { id: 'large', boundary: square(0, 0, 4) },
      { id: 'small', boundary: square(1, 1) },
    ];
    expect(gridAt(over, [1.5, 1.5])).toBe('small');
  });
});

describe('a boundary', () => {
  it('is closed, and made of degrees', () => {
    expect(boundaryProblem(square(0, 0))).toBeUndefined();
    expect(boundaryProblem({ type: 'LineString', coordinates: [] })).toBe('type');
    expect(boundaryProblem(undefined)).toBe('type');
    expect(boundaryProblem({ type: 'Polygon', coordinates: [ringOf(0, 0).slice(0, 4)] })).toBe('ring');
    const swapped = ringOf(120, 30).map(([x, y]) => [y, x]);
    expect(boundaryProblem({ type: 'Polygon', coordinates: [swapped] })).toBe('position');
  });
});
