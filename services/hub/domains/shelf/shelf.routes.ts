import { EarlyEnd } from '@dipper/contract/api/reason';
import { NewShelf, Shelf } from '@dipper/contract/api/shelf';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ALARM_HANDLERS, EVERYBODY } from '../../plugins/roles.ts';
import type { ShelfService } from './shelf.service.ts';

const Query = listQuery({
  ended: Type.Optional(Type.Boolean()),
  rule: Type.Optional(Slug),
  estate: Type.Optional(Slug),
  place: Type.Optional(Slug),
});
const Params = Type.Object({ id: Uuid });
const tags = ['alarms'];

export const shelfRoutes: FastifyPluginAsyncTypebox<{ readonly shelves: ShelfService }> = async (app, { shelves }) => {
  app.get(
    '/alarm-shelves',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: { summary: 'Shelved alarms, newest first', tags, querystring: Query, response: listResponse(Shelf) },
    },
    async ({ query }) => listed(await shelves.list(query)),
  );
  app.get(
    '/alarm-shelves/:id',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: { summary: 'One shelf', tags, params: Params, response: { 200: Shelf } },
    },
    async ({ params }) => shelves.get(params.id),
  );
  app.post(
    '/alarm-shelves',
    {
      config: {
        access: { roles: ALARM_HANDLERS, located: true },
        audit: { action: 'alarm.shelve', target: 'answer.id' },
      },
      schema: {
        summary: 'Shelve an alarm for a while',
        description:
          'Whatever its rule raises for the same key until the end is recorded and not announced; the end comes by itself. ALARM_SAFETY_CRITICAL, ALARM_ALREADY_SHELVED, SHELF_TOO_LONG.',
        tags,
        body: NewShelf,
        response: { 201: Shelf },
      },
    },
    async (request, reply) => reply.code(201).send(await shelves.shelve(request.body, principalOf(request))),
  );
  app.post(
    '/alarm-shelves/:id/end',
    {
      config: { access: { roles: ALARM_HANDLERS, located: true }, audit: { action: 'alarm.unshelve' } },
      schema: {
        summary: 'Unshelve: what still lasts is announced at once',
        description: 'ALREADY_ENDED when somebody, or the clock, was first.',
        tags,
        params: Params,
        body: EarlyEnd,
        response: { 200: Shelf },
      },
    },
    async (request) => shelves.end(request.params.id, request.body, principalOf(request)),
  );
};
