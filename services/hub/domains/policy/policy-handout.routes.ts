import { Slug } from '@dipper/contract/identifiers';
import { PolicyBody } from '@dipper/contract/policy-body';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { PolicyHandout } from './policy-handout.ts';

/** An edge asks once per version, and again with growing pauses where that fails. */
const PER_ADDRESS = { max: 120, timeWindow: '1 minute' };

const HOLDER = '0190f0b2-5c1e-7a3b-9d4f-2b6c8e1a7d55';
const EXAMPLE: PolicyBody = {
  ...{ version: 7, estate: 'lanting', agent: 'lanting-edge-1', timeZone: 'Asia/Shanghai', areas: [], schedules: [] },
  accessPoints: [{ id: 'east-in', device: 'east-barrier', factorRules: [{ anyOf: [['card'], ['plate']] }] }],
  holders: [{ id: HOLDER, kind: 'resident' }],
  credentials: [],
  permits: [],
};

/** Where edges fetch the body of their policy. */
export const policyHandoutRoutes: FastifyPluginAsyncTypebox<{ readonly handout: PolicyHandout }> = async (
  app,
  { handout },
) => {
  app.get(
    '/edge/v1/policies/:id',
    {
      config: { access: 'edge-key', rateLimit: PER_ADDRESS, errors: ['POLICY_KEY_WRONG', 'POLICY_SUPERSEDED'] },
      schema: {
        summary: 'The body of an edge’s access policy, as it was signed',
        description:
          '`authorization: Dipper-Policy version:sha256:mac`, where `mac` is the HMAC-SHA256 of `policy-fetch:estate/agent:version:sha256` under the credential key of the agent, in hexadecimal digits.',
        tags: ['edge'],
        params: Type.Object({ id: Slug }),
        response: { 200: Type.Unsafe<PolicyBody>({ ...PolicyBody, examples: [EXAMPLE] }) },
      },
    },
    async (request, reply) => {
      const body = await handout.hand(request.params.id, request.headers.authorization);
      // Bytes: what is signed is the text, not what it means.
      return reply
        .type('application/json; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(Buffer.from(body) as never);
    },
  );
};
