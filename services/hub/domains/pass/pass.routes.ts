import { Invite, IssuedPass, NewPass, PassRevocation, PassView } from '@dipper/contract/api/pass';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { HOLDER_READERS, PASS_ISSUERS } from '../../plugins/roles.ts';
import type { InviteService } from './invite.service.ts';
import type { PassService } from './pass.service.ts';

const tags = ['passes'];
const Params = Type.Object({ id: Uuid });
const reading = { roles: HOLDER_READERS, located: true } as const;
const issuing = { roles: PASS_ISSUERS, located: true } as const;

export const passRoutes: FastifyPluginAsyncTypebox<{
  readonly passes: PassService;
  readonly invites: Pick<InviteService, 'create' | 'end'>;
}> = async (app, { passes, invites }) => {
  app.get(
    '/passes',
    {
      config: { access: reading, audit: { action: 'pass.list' } },
      schema: {
        summary: 'Passes of visitors, newest first',
        description:
          'Personal data: every look is on record. `q` is part of a name or of a plate; `open`: not revoked and not over.',
        tags,
        querystring: listQuery({
          estate: Type.Optional(Slug),
          host: Type.Optional(Uuid),
          open: Type.Optional(Type.Boolean()),
          q: Type.Optional(Type.String({ maxLength: 64 })),
        }),
        response: listResponse(PassView),
      },
    },
    async ({ query }) => listed(await passes.list(query)),
  );
  app.get(
    '/passes/:id',
    {
      config: { access: issuing, audit: { action: 'pass.view' } },
      schema: {
        summary: 'One pass, with the code of the visitor’s page',
        tags,
        params: Params,
        response: { 200: IssuedPass },
      },
    },
    async ({ params }, reply) => {
      void reply.header('cache-control', 'no-store');
      return passes.get(params.id);
    },
  );
  app.post(
    '/passes',
    {
      config: {
        access: issuing,
        audit: { action: 'pass.issue' },
        errors: ['HOLDER_ENDED', 'CREDENTIAL_INVALID', 'CREDENTIAL_IN_USE'],
      },
      schema: {
        summary: 'Give a visitor a pass',
        description:
          'A QR code that gates check by themselves, on the page `/pass/{code}`, and the plate of a car where one is named. It opens at once, also at a gate that has not heard of it yet.',
        tags,
        body: NewPass,
        response: { 201: IssuedPass },
      },
    },
    async (request, reply) => {
      const made = await passes.issue(request.body, principalOf(request));
      request.auditNote = { target: made.pass.id };
      return reply.code(201).header('cache-control', 'no-store').send(made);
    },
  );
  app.post(
    '/passes/:id/revoke',
    {
      config: { access: issuing, audit: { action: 'pass.revoke' }, errors: ['PASS_ENDED'] },
      schema: {
        summary: 'Take a pass back',
        description: 'Edges that are connected know within two seconds.',
        tags,
        params: Params,
        body: PassRevocation,
        response: { 200: IssuedPass },
      },
    },
    async (request) => {
      request.auditNote = { reason: request.body.reason };
      return passes.revoke(request.params.id, request.body, principalOf(request));
    },
  );
  app.post(
    '/holders/:id/invite',
    {
      config: { access: issuing, audit: { action: 'invite.create' }, errors: ['HOLDER_ENDED'] },
      schema: {
        summary: 'Make the link by which a resident gives out passes',
        description:
          'The code of the page `/invite/{code}` is told in this answer and never again; another one replaces it.',
        tags,
        params: Params,
        response: { 201: Invite },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await invites.create(request.params.id, principalOf(request))),
  );
  app.delete(
    '/holders/:id/invite',
    {
      config: { access: issuing, audit: { action: 'invite.end' } },
      schema: {
        summary: 'End the link of a resident; passes that were made by it stay',
        tags,
        params: Params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await invites.end(request.params.id);
      return reply.code(204).send(null);
    },
  );
};
