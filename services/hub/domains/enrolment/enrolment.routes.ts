import {
  Enrolment,
  EnrolmentCode,
  EnrolmentRequest,
  EnrolmentView,
  NewEnrolmentCode,
} from '@dipper/contract/api/enrolment';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { EnrolmentService } from './enrolment.service.ts';

const tags = ['agents'];
const access = { roles: ADMINS };
/** Besides the throttle of wrong codes: each request is a transaction. */
const PER_ADDRESS = { max: 60, timeWindow: '1 minute' };

export const enrolmentRoutes: FastifyPluginAsyncTypebox<{ readonly enrolments: EnrolmentService }> = async (
  app,
  { enrolments },
) => {
  app.get(
    '/enrolments',
    {
      config: { access },
      schema: {
        summary: 'Agents that were given a code, and whether they used it',
        tags,
        querystring: listQuery({}),
        response: listResponse(EnrolmentView),
      },
    },
    async ({ query }) => listed(await enrolments.list(query)),
  );
  app.post(
    '/enrolment-codes',
    {
      config: {
        access,
        audit: { action: 'agent.enrolment-code', target: 'body.agent' },
        errors: ['AGENT_OF_ANOTHER_ESTATE', 'ENROLMENT_NOT_SET_UP'],
      },
      schema: {
        summary: 'Make a one-time code with which an edge agent comes in',
        description:
          'In this answer and never again; good for 24 hours, once, until the next is made. `npm run edge -- enrol` takes it.',
        tags,
        body: NewEnrolmentCode,
        response: { 201: EnrolmentCode },
      },
    },
    async (request, reply) => {
      const code = await enrolments.makeCode(request.body, principalOf(request).name);
      return reply.code(201).header('cache-control', 'no-store').send(code);
    },
  );
  app.post(
    '/enrolments',
    {
      config: {
        ...{ access: 'public', rateLimit: PER_ADDRESS },
        audit: { action: 'agent.enrol', target: 'answer.agent' },
        errors: ['ENROLMENT_CODE_WRONG', 'ENROLMENT_CODE_USED', 'ENROLMENT_CODE_EXPIRED', 'ENROLMENT_NOT_SET_UP'],
      },
      schema: {
        summary: 'Exchange a one-time code for the login of an agent',
        description:
          'What `npm run edge -- enrol` asks. Sent again with the same code and hash it answers the same, in case the answer was lost.',
        tags,
        body: EnrolmentRequest,
        response: { 200: Enrolment },
      },
    },
    async (request, reply) => {
      const enrolment = await enrolments.enrol(request.body, request.ip);
      return reply.header('cache-control', 'no-store').send(enrolment);
    },
  );
  app.delete(
    '/enrolments/:id',
    {
      config: { access, audit: { action: 'agent.disenrol' } },
      schema: {
        summary: 'Take an agent’s login away, and a code that it has not used',
        description: 'The broker drops the agent within seconds. What the agent has stored waits in it.',
        tags,
        params: Type.Object({ id: Slug }),
        response: { 204: Type.Null({ description: 'Taken away' }) },
      },
    },
    async (request, reply) => {
      await enrolments.revoke(request.params.id);
      return reply.code(204).send(null);
    },
  );
};
