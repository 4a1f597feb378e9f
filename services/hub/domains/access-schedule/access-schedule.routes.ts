import { AccessScheduleChange, AccessScheduleView, NewAccessSchedule } from '@dipper/contract/api/access-schedule';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ACCESS_KEEPERS, ACCESS_READERS } from '../../plugins/roles.ts';
import type { AccessScheduleService } from './access-schedule.service.ts';

const tags = ['access'];
const Params = Type.Object({ id: Uuid });
const reading = { access: { roles: ACCESS_READERS, located: true } } as const;
const keeping = { roles: ACCESS_KEEPERS, located: true } as const;

export const accessScheduleRoutes: FastifyPluginAsyncTypebox<{ readonly schedules: AccessScheduleService }> = async (
  app,
  { schedules },
) => {
  app.get(
    '/access-schedules',
    {
      config: reading,
      schema: {
        summary: 'When permits and access points are on, newest first',
        tags,
        querystring: listQuery({ estate: Type.Optional(Slug) }),
        response: listResponse(AccessScheduleView),
      },
    },
    async ({ query }) => listed(await schedules.list(query)),
  );
  app.get(
    '/access-schedules/:id',
    {
      config: reading,
      schema: { summary: 'One schedule', tags, params: Params, response: { 200: AccessScheduleView } },
    },
    async ({ params }) => schedules.get(params.id),
  );
  app.post(
    '/access-schedules',
    {
      config: { access: keeping, audit: { action: 'access-schedule.create', target: 'answer.id' } },
      schema: {
        summary: 'Make a schedule',
        description:
          'By the clock on the estate’s wall. Special days replace the day of the week whole; `holidays` says what the statutory ones are.',
        tags,
        body: NewAccessSchedule,
        response: { 201: AccessScheduleView },
      },
    },
    async (request, reply) => reply.code(201).send(await schedules.create(request.body, principalOf(request))),
  );
  app.patch(
    '/access-schedules/:id',
    {
      config: { access: keeping, audit: { action: 'access-schedule.update' } },
      schema: {
        summary: 'Change a schedule; edges that are connected know within two seconds',
        tags,
        params: Params,
        body: AccessScheduleChange,
        response: { 200: AccessScheduleView },
      },
    },
    async (request) => schedules.change(request.params.id, request.body, principalOf(request)),
  );
  app.delete(
    '/access-schedules/:id',
    {
      config: { access: keeping, audit: { action: 'access-schedule.delete' }, errors: ['ACCESS_STILL_USED'] },
      schema: {
        summary: 'Delete a schedule that no permit and no access point refers to',
        tags,
        params: Params,
        querystring: Type.Object({ version: AccessScheduleChange.properties.version }, { additionalProperties: false }),
        response: { 204: Type.Null({ description: 'Deleted' }) },
      },
    },
    async ({ params, query }, reply) => {
      await schedules.remove(params.id, query.version);
      return reply.code(204).send(null);
    },
  );
};
