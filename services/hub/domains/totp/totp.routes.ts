import { RecoveryCodes, TotpCode, TotpSecret, TotpStatus } from '@dipper/contract/api/totp';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { TotpService } from './totp.service.ts';

const tags = ['sessions'];
/** A million codes, three of them right at a time: nobody gets to try them from within either. */
const ATTEMPTS = { max: 10, timeWindow: '5 minutes' };

export const totpRoutes: FastifyPluginAsyncTypebox<{ readonly totp: TotpService }> = async (app, { totp }) => {
  const own = { access: 'signed-in', beforeEnrolment: true } as const;
  app.get(
    '/totp',
    { config: own, schema: { summary: 'One’s own second factor', tags, response: { 200: TotpStatus } } },
    async (request) => totp.status(principalOf(request)),
  );
  app.post(
    '/totp',
    {
      config: { ...own, audit: { action: 'totp.begin' } },
      schema: {
        summary: 'Begin to set up one-time codes (RFC 6238)',
        description: 'The secret is in this answer and never again. Nothing is asked for before a code was confirmed.',
        tags,
        response: { 201: TotpSecret },
      },
    },
    async (request, reply) => {
      const secret = await totp.begin(principalOf(request));
      return reply.code(201).header('cache-control', 'no-store').send(secret);
    },
  );
  app.post(
    '/totp/confirmation',
    {
      config: { ...own, rateLimit: ATTEMPTS, audit: { action: 'totp.confirm' } },
      schema: {
        summary: 'Show a first code; from then on one is asked for at every sign-in',
        tags,
        body: TotpCode,
        response: { 201: RecoveryCodes },
      },
    },
    async (request, reply) => {
      const codes = await totp.confirm(request.body.code, principalOf(request));
      return reply.code(201).header('cache-control', 'no-store').send(codes);
    },
  );
  app.post(
    '/totp/removal',
    {
      config: { ...own, rateLimit: ATTEMPTS, audit: { action: 'totp.remove' } },
      schema: {
        summary: 'Take one’s own second factor away, with a code of it',
        tags,
        body: TotpCode,
        response: { 204: Type.Null({ description: 'Removed' }) },
      },
    },
    async (request, reply) => {
      await totp.remove(request.body.code, principalOf(request));
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/accounts/:id/totp',
    {
      config: { access: { roles: ADMINS }, audit: { action: 'totp.reset' } },
      schema: {
        summary: 'Take away the second factor of somebody who lost it',
        tags: ['accounts'],
        params: Type.Object({ id: Uuid }),
        response: { 204: Type.Null({ description: 'Taken away' }) },
      },
    },
    async (request, reply) => {
      await totp.reset(request.params.id);
      return reply.code(204).send(null);
    },
  );
};
