import { Incident } from '@dipper/contract/api/alarm';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { EVERYBODY } from '../../plugins/roles.ts';
import type { IncidentService } from '../../services.ts';

const Query = listQuery({
  open: Type.Optional(Type.Boolean()),
  estate: Type.Optional(Slug),
  place: Type.Optional(Slug),
});

export const incidentRoutes: FastifyPluginAsyncTypebox<{ readonly incidents: IncidentService }> = async (
  app,
  { incidents },
) => {
  const config = { access: { roles: EVERYBODY } };
  app.get(
    '/incidents',
    {
      config,
      schema: {
        summary: 'Alarms of one place and time, newest first',
        tags: ['incidents'],
        querystring: Query,
        response: listResponse(Incident),
      },
    },
    async ({ query }) => listed(await incidents.list(query)),
  );
  app.get(
    '/incidents/:id',
    {
      config,
      schema: {
        summary: 'One incident',
        tags: ['incidents'],
        params: Type.Object({ id: Uuid }),
        response: { 200: Incident },
      },
    },
    async ({ params }) => incidents.get(params.id),
  );
};
