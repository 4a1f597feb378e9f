import { DataClassName, DeletionView, RetentionList } from '@dipper/contract/api/retention';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../plugins/list-schema.ts';
import { RETENTION_READERS } from '../plugins/roles.ts';
import type { RetentionService } from './retention.service.ts';

const Query = listQuery({ class: Type.Optional(DataClassName) });

export const retentionRoutes: FastifyPluginAsyncTypebox<{ readonly retention: RetentionService }> = async (
  app,
  { retention },
) => {
  const config = { access: { roles: RETENTION_READERS } };
  app.get(
    '/retention',
    {
      config,
      schema: {
        summary: 'How long each class of data is kept, and why',
        tags: ['retention'],
        response: { 200: RetentionList },
      },
    },
    async () => ({ items: await retention.list() }),
  );
  app.get(
    '/deletions',
    {
      config,
      schema: {
        summary: 'Proofs of deletion, newest first',
        description: 'One per transaction that deleted, never changed.',
        tags: ['retention'],
        querystring: Query,
        response: listResponse(DeletionView),
      },
    },
    async ({ query }) => listed(await retention.deletions(query)),
  );
};
