import { Incident } from '@dipper/contract/api/alarm';
import { IncidentDetail, IncidentJoin, IncidentSplit } from '@dipper/contract/api/incident-regrouping';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ALARM_HANDLERS, EVERYBODY } from '../../plugins/roles.ts';
import type { IncidentService } from '../../services.ts';

const Query = listQuery({
  open: Type.Optional(Type.Boolean()),
  estate: Type.Optional(Slug),
  place: Type.Optional(Slug),
});

const Params = Type.Object({ id: Uuid });

export const incidentRoutes: FastifyPluginAsyncTypebox<{ readonly incidents: IncidentService }> = async (
  app,
  { incidents },
) => {
  const config = { access: { roles: EVERYBODY, located: true } };
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
        params: Params,
        response: { 200: Incident },
      },
    },
    async ({ params }) => incidents.get(params.id),
  );
  app.get(
    '/incidents/:id/history',
    {
      config,
      schema: {
        summary: 'One incident with how people regrouped it',
        tags: ['incidents'],
        params: Params,
        response: { 200: IncidentDetail },
      },
    },
    async ({ params }) => incidents.getDetail(params.id),
  );
  app.post(
    '/incidents/:id/joins',
    {
      config: { access: { roles: ALARM_HANDLERS, located: true }, audit: { action: 'incident.join' } },
      schema: {
        summary: 'Bring the alarms of another incident into this one',
        description:
          'Its case comes along; where both have one, the two are merged, which is for dispatchers: INCIDENTS_HAVE_CASES for others. A split of the same alarms undoes it. JOIN_NOT_ALLOWED, INCIDENT_JOINED, INCIDENT_CASE_ENDED.',
        tags: ['incidents'],
        params: Params,
        body: IncidentJoin,
        response: { 201: IncidentDetail },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await incidents.join(request.params.id, request.body, principalOf(request))),
  );
  app.post(
    '/incidents/:id/splits',
    {
      config: { access: { roles: ALARM_HANDLERS, located: true }, audit: { action: 'incident.split' } },
      schema: {
        summary: 'Take alarms out of an incident into a new one, which is answered',
        description: 'At least one alarm has to stay: SPLIT_NOT_ALLOWED. A join of the two undoes it. INCIDENT_JOINED.',
        tags: ['incidents'],
        params: Params,
        body: IncidentSplit,
        response: { 201: IncidentDetail },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await incidents.split(request.params.id, request.body, principalOf(request))),
  );
};
