import { Acknowledgement, Alarm, Priority } from '@dipper/contract/api/alarm';
import { AlarmHistory } from '@dipper/contract/api/alarm-transition';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ALARM_HANDLERS, EVERYBODY } from '../../plugins/roles.ts';
import type { AlarmService } from '../../services.ts';

const Query = listQuery({
  active: Type.Optional(Type.Boolean()),
  acknowledged: Type.Optional(Type.Boolean()),
  rule: Type.Optional(Slug),
  priority: Type.Optional(Priority),
  estate: Type.Optional(Slug),
  agent: Type.Optional(Slug),
  device: Type.Optional(Slug),
  place: Type.Optional(Slug),
  incident: Type.Optional(Uuid),
  safetyCritical: Type.Optional(Type.Boolean()),
  chattering: Type.Optional(Type.Boolean()),
  stale: Type.Optional(Type.Boolean()),
  /** Of these three `true` shows what lists leave out otherwise. */
  shelved: Type.Optional(Type.Boolean()),
  outOfService: Type.Optional(Type.Boolean()),
  suppressed: Type.Optional(Type.Boolean()),
});
const Params = Type.Object({ id: Uuid });

export const alarmRoutes: FastifyPluginAsyncTypebox<{ readonly alarms: AlarmService }> = async (app, { alarms }) => {
  app.get(
    '/alarms',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: { summary: 'Alarms, newest first', tags: ['alarms'], querystring: Query, response: listResponse(Alarm) },
    },
    async ({ query }) => listed(await alarms.list(query)),
  );
  app.get(
    '/alarms/:id',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: { summary: 'One alarm', tags: ['alarms'], params: Params, response: { 200: Alarm } },
    },
    async ({ params }) => alarms.get(params.id),
  );
  app.get(
    '/alarms/:id/history',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: {
        summary: 'Every change of an alarm’s state, with who and why',
        tags: ['alarms'],
        params: Params,
        response: { 200: AlarmHistory },
      },
    },
    async ({ params }) => alarms.history(params.id),
  );
  app.post(
    '/alarms/:id/acknowledgements',
    {
      config: { access: { roles: ALARM_HANDLERS, located: true }, audit: { action: 'alarm.acknowledge' } },
      schema: {
        summary: 'Acknowledge an alarm',
        description: 'Answers the alarm as it is afterwards. A second acknowledgement is ALARM_ALREADY_ACKNOWLEDGED.',
        tags: ['alarms'],
        params: Params,
        body: Acknowledgement,
        response: { 201: Alarm },
      },
    },
    async (request, reply) => {
      const alarm = await alarms.acknowledge(request.params.id, request.body, principalOf(request));
      return reply.code(201).send(alarm);
    },
  );
};
