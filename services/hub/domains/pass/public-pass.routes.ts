import { InvitedPass, InvitePage, VisitorPass } from '@dipper/contract/api/pass';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ReportThrottle } from '../case/report-throttle.ts';
import type { InviteService } from './invite.service.ts';
import type { VisitorPassService } from './visitor-pass.service.ts';

export interface PublicPassRoutesOptions {
  readonly visitorPasses: VisitorPassService;
  readonly invites: InviteService;
  readonly throttle: ReportThrottle;
}

/** Nobody guesses 100 bits; this, in memory and per copy of the hub, keeps a page that reloads itself from being a burden. */
const LOOKS_PER_ADDRESS = { max: 60, timeWindow: 60_000 };
const tags = ['residents'];
/** As somebody typed it: spaces, hyphens and case do not matter. */
const Code = Type.String({ minLength: 1, maxLength: 40, examples: ['7KQ2-9MXT-B4RW-6HZC-PD8V'] });
const Params = Type.Object({ code: Code });
const PassParams = Type.Object({ code: Code, pass: Uuid });

/** For visitors and for residents who expect them, without an account. */
export const publicPassRoutes: FastifyPluginAsyncTypebox<PublicPassRoutesOptions> = async (
  app,
  { visitorPasses, invites, throttle },
) => {
  app.get(
    '/public/passes/:code',
    {
      config: { access: 'public', rateLimit: LOOKS_PER_ADDRESS, errors: ['NOT_FOUND'] },
      schema: {
        summary: 'A visitor’s own pass',
        description: '`token` is the text of the QR code.',
        tags,
        params: Params,
        response: { 200: VisitorPass },
      },
    },
    async ({ params }, reply) => {
      void reply.header('cache-control', 'no-store');
      return visitorPasses.show(params.code);
    },
  );
  app.get(
    '/public/invites/:code',
    {
      config: { access: 'public', rateLimit: LOOKS_PER_ADDRESS, errors: ['NOT_FOUND'] },
      schema: {
        summary: 'What a resident can give out, and has',
        tags,
        params: Params,
        response: { 200: InvitePage },
      },
    },
    async ({ params }, reply) => {
      void reply.header('cache-control', 'no-store');
      return invites.page(params.code);
    },
  );
  app.post(
    '/public/invites/:code/passes',
    {
      config: {
        access: 'public',
        errors: [
          'NOT_FOUND',
          'TOO_MANY_ATTEMPTS',
          'TOO_MANY_PASSES',
          'INVITE_WITHOUT_ENTRANCE',
          'CREDENTIAL_INVALID',
          'CREDENTIAL_IN_USE',
        ],
        audit: { action: 'invite.pass' },
      },
      schema: {
        summary: 'Give a visitor of one’s own a pass',
        tags,
        params: Params,
        body: InvitedPass,
        response: { 201: InvitePage },
      },
    },
    async (request, reply) => {
      // The code of the link is as good as a password.
      request.auditNote = { target: null };
      await throttle.count('pass', request.ip);
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await invites.issue(request.params.code, request.body));
    },
  );
  app.post(
    '/public/invites/:code/passes/:pass/revoke',
    {
      config: {
        access: 'public',
        errors: ['NOT_FOUND', 'PASS_ENDED'],
        audit: { action: 'invite.revoke', target: 'params.pass' },
      },
      schema: {
        summary: 'Take back a pass of one’s own',
        tags,
        params: PassParams,
        response: { 200: InvitePage },
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      return invites.revoke(request.params.code, request.params.pass);
    },
  );
};
