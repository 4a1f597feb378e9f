/** Longitude before latitude, as GeoJSON has it (RFC 7946 §3.1.1). */
export type Position = readonly [longitudeDeg: number, latitudeDeg: number];
type Ring = readonly Position[];

/** GeoJSON geometry of an area: outer ring first, holes after it (RFC 7946 §3.1.6). */
export type Boundary =
  | { readonly type: 'Polygon'; readonly coordinates: readonly Ring[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly Ring[])[] };

/**
 * Whether a point lies in an area, on a flat map: a grid is a few streets, where the earth's curve is centimetres.
 *
 * A point on a border between two areas lies in exactly one of them, the one to its east; on a border that runs exactly
 * east and west, the one to its north. So neighbours never both have it, and none has it only at the outer edge of the
 * map.
 */
export function isInside(boundary: Boundary, point: Position): boolean {
  const polygons = boundary.type === 'Polygon' ? [boundary.coordinates] : boundary.coordinates;
  return polygons.some((rings) => rings.reduce((inside, ring) => inside !== isEnclosed(ring, point), false));
}

/** Counts the edges that a ray to the east crosses (Shimrat, CACM 5/8, 1962, algorithm 112). */
function isEnclosed(ring: Ring, [x, y]: Position): boolean {
  let enclosed = false;
  for (let index = 0; index < ring.length - 1; index += 1) {
    const [a, b] = [ring[index], ring[index + 1]] as [Position, Position];
    // From south to north, whichever way the ring is drawn: neighbours compute their common edge alike.
    const [south, north] = a[1] <= b[1] ? [a, b] : [b, a];
    if (south[1] > y || y >= north[1]) continue;
    const edgeX = south[0] + ((y - south[1]) / (north[1] - south[1])) * (north[0] - south[0]);
    if (edgeX > x) enclosed = !enclosed;
  }
  return enclosed;
}

/** Square degrees; to tell the smaller of two areas that lie over one another. */
export function areaOf(boundary: Boundary): number {
  const polygons = boundary.type === 'Polygon' ? [boundary.coordinates] : boundary.coordinates;
  const ofRing = (ring: Ring): number =>
    Math.abs(
      ring.reduce((sum, [x, y], index) => {
        const [nextX, nextY] = ring[(index + 1) % ring.length] as Position;
        return sum + x * nextY - nextX * y;
      }, 0) / 2,
    );
  return polygons.reduce(
    (sum, [outer = [], ...holes]) => sum + ofRing(outer) - holes.reduce((total, hole) => total + ofRing(hole), 0),
    0,
  );
}

/** The grid that a point lies in; of several, which a map should not have, the smallest. */
export function gridAt(
  grids: readonly { readonly id: string; readonly boundary: Boundary | null }[],
  point: Position,
): string | null {
  const around = grids.filter(({ boundary }) => boundary !== null && isInside(boundary, point));
  const [smallest] = around.toSorted(
    (a, b) => areaOf(a.boundary as Boundary) - areaOf(b.boundary as Boundary) || (a.id < b.id ? -1 : 1),
  );
  return smallest?.id ?? null;
}

/** What is wrong with a geometry; undefined when nothing is. */
export function boundaryProblem(value: unknown): 'type' | 'ring' | 'position' | undefined {
  const { type, coordinates } = (value ?? {}) as { type?: unknown; coordinates?: unknown };
  if ((type !== 'Polygon' && type !== 'MultiPolygon') || !Array.isArray(coordinates)) return 'type';
  const rings = (type === 'Polygon' ? coordinates : coordinates.flat()) as unknown[];
  if (rings.length === 0) return 'ring';
  for (const ring of rings) {
    // RFC 7946 §3.1.6: four positions and more, the first and the last the same.
    if (!Array.isArray(ring) || ring.length < 4) return 'ring';
    if (!ring.every(isPosition)) return 'position';
    if (String(ring[0]) !== String(ring.at(-1))) return 'ring';
  }
  return undefined;
}

function isPosition(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2) return false;
  const [longitude, latitude] = value as unknown[];
  return (
    typeof longitude === 'number' &&
    Math.abs(longitude) <= 180 &&
    typeof latitude === 'number' &&
    Math.abs(latitude) <= 90
  );
}
