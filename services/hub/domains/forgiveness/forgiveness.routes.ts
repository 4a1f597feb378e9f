import { Forgiveness, ForgiveRequest } from '@dipper/contract/api/forgiveness';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { GATE_OPERATORS } from '../../plugins/roles.ts';
import type { ForgivenessService } from './forgiveness.service.ts';

export interface ForgivenessRoutesOptions {
  readonly forgiveness: ForgivenessService;
  /** Aborted when the hub stops. */
  readonly signal: AbortSignal;
}

const tags = ['access'];
const access = { roles: GATE_OPERATORS, located: true } as const;
const DESCRIPTION =
  'A signed command to every edge with a way into or out of an area; answered with what each made of it. An edge that could not be told goes on as before: `problem` says why, and it has to be asked again.';

export const forgivenessRoutes: FastifyPluginAsyncTypebox<ForgivenessRoutesOptions> = async (app, options) => {
  const { forgiveness, signal } = options;
  app.post(
    '/holders/:id/forgive',
    {
      config: { access, audit: { action: 'holder.forgive' } },
      schema: {
        summary: 'Have edges forget where a holder is, so that anti-passback begins anew',
        description: DESCRIPTION,
        tags,
        params: Type.Object({ id: Uuid }),
        body: ForgiveRequest,
        response: { 200: Forgiveness },
      },
    },
    async (request) => {
      const { reason } = request.body;
      request.auditNote = { reason };
      return forgiveness.ofHolder(request.params.id, reason, signal);
    },
  );
  app.post(
    '/access-areas/:id/forgive',
    {
      config: { access, audit: { action: 'access-area.forgive' } },
      schema: {
        summary: 'Have edges forget who is in an area: nobody is in it any more, as far as they know',
        description: DESCRIPTION,
        tags,
        params: Type.Object({ id: Slug }),
        body: ForgiveRequest,
        response: { 200: Forgiveness },
      },
    },
    async (request) => {
      const { reason } = request.body;
      request.auditNote = { reason };
      return forgiveness.ofArea(request.params.id, reason, signal);
    },
  );
};
