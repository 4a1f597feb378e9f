import { PasswordByCode, PasswordChange, PasswordCode } from '@dipper/contract/api/password';
import { DipperError } from '@dipper/contract/errors';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import type { OriginCheck } from '../../plugins/origin.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { PasswordService } from './password.service.ts';

export interface PasswordRoutesOptions {
  readonly passwords: PasswordService;
  readonly origin: OriginCheck;
}

/** Argon2 takes 50 ms of a core: nobody gets to ask for it without end. */
const PER_ADDRESS = { max: 60, timeWindow: '1 minute' };

export const passwordRoutes: FastifyPluginAsyncTypebox<PasswordRoutesOptions> = async (app, { passwords, origin }) => {
  app.post(
    '/password',
    {
      config: {
        ...{ access: 'signed-in', beforeEnrolment: true, rateLimit: PER_ADDRESS },
        audit: { action: 'password.change' },
      },
      schema: {
        summary: 'Change one’s own password',
        description: 'Ends every other session and every token of the account.',
        tags: ['sessions'],
        body: PasswordChange,
        response: { 204: Type.Null({ description: 'Changed' }) },
      },
    },
    async (request, reply) => {
      await passwords.change(request.body, principalOf(request), request.ip);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/accounts/:id/password-codes',
    {
      config: { access: { roles: ADMINS }, audit: { action: 'password.code' } },
      schema: {
        summary: 'Make a one-time code with which somebody sets the password of an account',
        description: 'In this answer and never again; good for seven days, once, until the next is made.',
        tags: ['accounts'],
        params: Type.Object({ id: Uuid }),
        response: { 201: PasswordCode },
      },
    },
    async (request, reply) => {
      const code = await passwords.makeCode(request.params.id);
      return reply.code(201).header('cache-control', 'no-store').send(code);
    },
  );
  app.post(
    '/password/by-code',
    {
      config: {
        ...{ access: 'public', rateLimit: PER_ADDRESS },
        audit: { action: 'password.set', target: 'body.name' },
      },
      schema: {
        summary: 'Set a password with a one-time code',
        tags: ['sessions'],
        body: PasswordByCode,
        response: { 204: Type.Null({ description: 'Set' }) },
      },
    },
    async (request, reply) => {
      if (origin(request) === 'foreign') throw new DipperError('CSRF_INVALID');
      await passwords.setByCode(request.body, request.ip);
      return reply.code(204).send(null);
    },
  );
};
