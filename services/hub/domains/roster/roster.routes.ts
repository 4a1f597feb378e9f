import { DutyView } from '@dipper/contract/api/roster';
import { Slug, Timestamp } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { EVERYBODY } from '../../plugins/roles.ts';
import type { RosterService } from './roster.service.ts';

const Query = Type.Object({ at: Type.Optional(Timestamp), grid: Type.Optional(Slug) }, { additionalProperties: false });

export const rosterRoutes: FastifyPluginAsyncTypebox<{ readonly roster: RosterService }> = async (app, { roster }) => {
  app.get(
    '/roster',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: {
        summary: 'Who is on duty in which grid, now or at an instant',
        description: 'By the week, with exceptions for single dates, in the time of Asia/Shanghai.',
        tags: ['places'],
        querystring: Query,
        response: { 200: Type.Object({ items: Type.Array(DutyView) }, { additionalProperties: false }) },
      },
    },
    async ({ query }) => ({ items: await roster.onDuty(query) }),
  );
};
