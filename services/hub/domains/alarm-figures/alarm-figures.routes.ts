import { AlarmFigures, AlarmStanding } from '@dipper/contract/api/alarm-figures';
import { Slug, Timestamp } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { EVERYBODY, RECORD_READERS } from '../../plugins/roles.ts';
import { type AlarmFiguresService, MAX_STRETCH_DAYS } from './alarm-figures.service.ts';

const tags = ['alarms'];
const Query = Type.Object(
  { from: Timestamp, until: Timestamp, estate: Type.Optional(Slug) },
  { additionalProperties: false },
);

export const alarmFiguresRoutes: FastifyPluginAsyncTypebox<{ readonly alarmFigures: AlarmFiguresService }> = async (
  app,
  { alarmFigures },
) => {
  app.get(
    '/alarm-standing',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: { summary: 'What is silenced, and whether there is a flood', tags, response: { 200: AlarmStanding } },
    },
    async (request) => alarmFigures.standing(principalOf(request)),
  );
  app.get(
    '/alarm-figures',
    {
      config: { access: { roles: RECORD_READERS, located: true } },
      schema: {
        summary: 'How alarms load whoever is on duty: rates, response times, worst sources, floods, stale alarms',
        description: `At most ${MAX_STRETCH_DAYS} days at once.`,
        tags,
        querystring: Query,
        response: { 200: AlarmFigures },
      },
    },
    async (request) => alarmFigures.figures(request.query, principalOf(request)),
  );
};
