import { GeoPoint, GridAt, PlaceTree } from '@dipper/contract/api/place-tree';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { EVERYBODY } from '../../plugins/roles.ts';
import type { PlaceTreeService } from './place-tree.service.ts';

export const placeTreeRoutes: FastifyPluginAsyncTypebox<{ readonly placeTree: PlaceTreeService }> = async (
  app,
  { placeTree },
) => {
  const config = { access: { roles: EVERYBODY, located: true } } as const;
  app.get(
    '/place-tree',
    {
      config,
      schema: {
        summary: 'Subdistricts, communities, grids and estates, with counts and who is on duty',
        tags: ['places'],
        response: { 200: PlaceTree },
      },
    },
    async () => placeTree.read({}),
  );
  app.get(
    '/grid-at',
    {
      config,
      schema: {
        summary: 'The grid that a point lies in',
        description:
          'WGS 84, as phones measure. On a border between two grids the point lies in the one to the east, or north. Null outside of every grid that has been drawn.',
        tags: ['places'],
        querystring: GeoPoint,
        response: { 200: GridAt },
      },
    },
    async ({ query }) => ({ grid: await placeTree.findGridAt(query) }),
  );
};
