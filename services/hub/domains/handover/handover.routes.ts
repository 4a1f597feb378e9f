import { HandoverNote, NewHandoverNote } from '@dipper/contract/api/handover';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ALARM_HANDLERS, RECORD_READERS } from '../../plugins/roles.ts';
import type { HandoverService } from './handover.service.ts';

const tags = ['alarms'];

export const handoverRoutes: FastifyPluginAsyncTypebox<{ readonly handovers: HandoverService }> = async (
  app,
  { handovers },
) => {
  app.get(
    '/handover-notes',
    {
      config: { access: { roles: RECORD_READERS, located: true } },
      schema: {
        summary: 'What shifts left for the next to know, newest first',
        description: 'With an estate, its own notes and those for every estate.',
        tags,
        querystring: listQuery({ estate: Type.Optional(Slug) }),
        response: listResponse(HandoverNote),
      },
    },
    async (request) => listed(await handovers.list(request.query, principalOf(request))),
  );
  app.post(
    '/handover-notes',
    {
      config: {
        access: { roles: ALARM_HANDLERS, located: true },
        audit: { action: 'handover.write', target: 'answer.id' },
      },
      schema: {
        summary: 'Write a note for the next shift',
        tags,
        body: NewHandoverNote,
        response: { 201: HandoverNote },
      },
    },
    async (request, reply) => reply.code(201).send(await handovers.write(request.body, principalOf(request))),
  );
};
