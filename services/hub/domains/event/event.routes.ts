import { EventView } from '@dipper/contract/api/inventory';
import { RETENTION_CLASSES } from '@dipper/contract/events';
import { Slug, Timestamp, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { RECORD_READERS } from '../../plugins/roles.ts';
import type { EventService } from '../../services.ts';
import { refuseNoDate } from './query-instant.ts';

const Query = listQuery({
  /** Also one that this version does not know. */
  type: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9.-]{0,127}$' })),
  retention: Type.Optional(Type.Enum(RETENTION_CLASSES)),
  estate: Type.Optional(Slug),
  agent: Type.Optional(Slug),
  device: Type.Optional(Slug),
  place: Type.Optional(Slug),
  correlation: Type.Optional(Uuid),
  /** `occurredAt` from this instant on. */
  from: Type.Optional(Timestamp),
  /** `occurredAt` before this instant. */
  until: Type.Optional(Timestamp),
});

export const eventRoutes: FastifyPluginAsyncTypebox<{ readonly events: EventService }> = async (app, { events }) => {
  const config = { access: { roles: RECORD_READERS, located: true } };
  app.get(
    '/events',
    {
      config: { ...config, audit: { action: 'event.list' } },
      schema: {
        summary: 'What was seen, newest first',
        tags: ['events'],
        querystring: Query,
        response: listResponse(EventView),
      },
    },
    async ({ query }) => {
      for (const name of ['from', 'until'] as const) refuseNoDate(name, query[name]);
      return listed(await events.list(query));
    },
  );
  app.get(
    '/events/:id',
    {
      config: { ...config, audit: { action: 'event.read' } },
      schema: {
        summary: 'One event',
        tags: ['events'],
        params: Type.Object({ id: Uuid }),
        response: { 200: EventView },
      },
    },
    async ({ params }) => events.get(params.id),
  );
};
