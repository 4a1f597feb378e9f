import { AccessRecordView } from '@dipper/contract/api/access-record';
import { Slug, Timestamp, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { HOLDER_READERS } from '../../plugins/roles.ts';
import { refuseNoDate } from '../event/query-instant.ts';
import type { AccessRecordService } from './access-record.service.ts';

export const accessRecordRoutes: FastifyPluginAsyncTypebox<{ readonly records: AccessRecordService }> = async (
  app,
  { records },
) => {
  app.get(
    '/access-records',
    {
      config: { access: { roles: HOLDER_READERS, located: true }, audit: { action: 'access-record.list' } },
      schema: {
        summary: 'Who asked to pass, what was decided and why, and what came of it, newest first',
        description:
          'Personal data: every look is on record. One record per request: all its events have one correlation id. Somebody forced to open is not marked here, where others may look on: the desk has the alarm.',
        tags: ['access'],
        querystring: listQuery({
          estate: Type.Optional(Slug),
          place: Type.Optional(Slug),
          /** The gate. */
          device: Type.Optional(Slug),
          accessPoint: Type.Optional(Slug),
          outcome: Type.Optional(Type.Enum(['granted', 'denied'])),
          holder: Type.Optional(Uuid),
          /** Decided from this instant on. */
          from: Type.Optional(Timestamp),
          /** Decided before this instant. */
          until: Type.Optional(Timestamp),
        }),
        response: listResponse(AccessRecordView),
      },
    },
    async ({ query }) => {
      for (const name of ['from', 'until'] as const) refuseNoDate(name, query[name]);
      return listed(await records.list(query));
    },
  );
};
