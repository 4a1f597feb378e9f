import { PlaceView } from '@dipper/contract/api/inventory';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { EVERYBODY } from '../../plugins/roles.ts';
import type { PlaceService } from '../../services.ts';

const Query = listQuery({
  estate: Type.Optional(Slug),
  place: Type.Optional(Slug),
  grid: Type.Optional(Slug),
});

export const placeRoutes: FastifyPluginAsyncTypebox<{ readonly places: PlaceService }> = async (app, { places }) => {
  const config = { access: { roles: EVERYBODY, located: true } };
  app.get(
    '/places',
    {
      config,
      schema: {
        summary: 'Entrances and other places of the estates',
        tags: ['places'],
        querystring: Query,
        response: listResponse(PlaceView),
      },
    },
    async ({ query }) => listed(await places.list(query)),
  );
  app.get(
    '/places/:id',
    {
      config,
      schema: {
        summary: 'One place',
        tags: ['places'],
        params: Type.Object({ id: Slug }),
        response: { 200: PlaceView },
      },
    },
    async ({ params }) => places.get(params.id),
  );
};
