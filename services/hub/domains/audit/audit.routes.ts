import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { AUDIT_READERS } from '../../plugins/roles.ts';
import { AuditEntry } from './audit.schema.ts';
import type { AuditTrail } from './audit.service.ts';

const Query = listQuery({
  action: Type.Optional(Type.String({ maxLength: 64 })),
  target: Type.Optional(Type.String({ maxLength: 64 })),
  account: Type.Optional(Type.String({ maxLength: 64 })),
});

export const auditRoutes: FastifyPluginAsyncTypebox<{ readonly audit: AuditTrail }> = async (app, { audit }) => {
  app.get(
    '/audit',
    {
      config: { access: { roles: AUDIT_READERS }, audit: { action: 'audit.list' } },
      schema: {
        summary: 'Who did what to what, newest first',
        tags: ['audit'],
        querystring: Query,
        response: listResponse(AuditEntry),
      },
    },
    async ({ query }) => listed(await audit.list(query)),
  );
};
