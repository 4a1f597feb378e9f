import { type Static, Type } from 'typebox';
import { Slug } from '../identifiers.ts';
import { LocalText } from './alarm.ts';

const strict = { additionalProperties: false };
const Count = Type.Integer({ minimum: 0 });
const named = { id: Slug, name: LocalText };

/** Answer of `GET /api/v1/place-tree`: what lies in what, as far as one's scope reaches, sorted by id. */
export const PlaceTree = Type.Object(
  {
    subdistricts: Type.Array(Type.Object(named, strict)),
    communities: Type.Array(Type.Object({ ...named, subdistrict: Slug }, strict)),
    grids: Type.Array(
      Type.Object(
        {
          ...named,
          community: Slug,
          kind: Type.Enum(['residential', 'industrial', 'market']),
          /** Whether somebody has drawn it on the map. */
          hasBoundary: Type.Boolean(),
          places: Count,
          devices: Count,
          openCases: Count,
          /** Display names of who is on duty at this moment. */
          onDuty: Type.Array(Type.String()),
        },
        strict,
      ),
    ),
    estates: Type.Array(
      Type.Object({ ...named, community: Slug, places: Count, devices: Count, openCases: Count }, strict),
    ),
  },
  strict,
);
export type PlaceTree = Static<typeof PlaceTree>;

/** A point on the map in degrees, WGS 84, as phones measure it. */
export const GeoPoint = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  },
  strict,
);
export type GeoPoint = Static<typeof GeoPoint>;

/** Answer of `GET /api/v1/grid-at`: the grid that a point lies in. */
export const GridAt = Type.Object(
  { grid: Type.Union([Type.Object({ ...named, community: Slug }, strict), Type.Null()]) },
  strict,
);
export type GridAt = Static<typeof GridAt>;
