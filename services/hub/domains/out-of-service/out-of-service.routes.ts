import { NewOutOfService, OutOfService } from '@dipper/contract/api/out-of-service';
import { EarlyEnd } from '@dipper/contract/api/reason';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { EVERYBODY, SERVICE_KEEPERS } from '../../plugins/roles.ts';
import type { OutOfServiceService } from './out-of-service.service.ts';

const Query = listQuery({
  ended: Type.Optional(Type.Boolean()),
  device: Type.Optional(Slug),
  rule: Type.Optional(Slug),
  estate: Type.Optional(Slug),
  place: Type.Optional(Slug),
});
const Params = Type.Object({ id: Uuid });
const tags = ['alarms'];

export const outOfServiceRoutes: FastifyPluginAsyncTypebox<{ readonly outOfService: OutOfServiceService }> = async (
  app,
  { outOfService },
) => {
  app.get(
    '/out-of-service',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: {
        summary: 'Devices and rules that are out of service, newest first',
        tags,
        querystring: Query,
        response: listResponse(OutOfService),
      },
    },
    async ({ query }) => listed(await outOfService.list(query)),
  );
  app.get(
    '/out-of-service/:id',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: { summary: 'One entry', tags, params: Params, response: { 200: OutOfService } },
    },
    async ({ params }) => outOfService.get(params.id),
  );
  app.post(
    '/out-of-service',
    {
      config: {
        access: { roles: SERVICE_KEEPERS, located: true },
        audit: { action: 'service.take-out', target: 'answer.id' },
      },
      schema: {
        summary: 'Take a device or a rule out of service',
        description:
          'Its alarms are recorded and not announced, but for safety-critical ones: those of a device are heard all the same, and a rule that is safety-critical is ALARM_SAFETY_CRITICAL. ALREADY_OUT_OF_SERVICE.',
        tags,
        body: NewOutOfService,
        response: { 201: OutOfService },
      },
    },
    async (request, reply) => reply.code(201).send(await outOfService.take(request.body, principalOf(request))),
  );
  app.post(
    '/out-of-service/:id/end',
    {
      config: { access: { roles: SERVICE_KEEPERS, located: true }, audit: { action: 'service.return' } },
      schema: {
        summary: 'Return to service: what still lasts is announced at once',
        description: 'ALREADY_ENDED when somebody, or the clock, was first.',
        tags,
        params: Params,
        body: EarlyEnd,
        response: { 200: OutOfService },
      },
    },
    async (request) => outOfService.end(request.params.id, request.body, principalOf(request)),
  );
};
