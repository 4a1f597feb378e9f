import { EventCounts } from '@dipper/contract/api/retention';
import { DipperError } from '@dipper/contract/errors';
import { RETENTION_CLASSES } from '@dipper/contract/events';
import { Slug, Timestamp } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { RECORD_READERS } from '../../plugins/roles.ts';
import type { EventCountService } from './event-count.service.ts';

const Query = Type.Object(
  {
    estate: Type.Optional(Slug),
    type: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    retention: Type.Optional(Type.Enum(RETENTION_CLASSES)),
    device: Type.Optional(Slug),
    /** The hour it lies in is the first; a week ago when absent. */
    from: Type.Optional(Timestamp),
    /** The hour before it is the last; now when absent. At most 31 days after `from`. */
    until: Type.Optional(Timestamp),
  },
  { additionalProperties: false },
);

export const eventCountRoutes: FastifyPluginAsyncTypebox<{ readonly eventCounts: EventCountService }> = async (
  app,
  { eventCounts },
) => {
  app.get(
    '/events/counts',
    {
      config: { access: { roles: RECORD_READERS, located: true } },
      schema: {
        summary: 'How many events there were per estate and hour',
        description: 'A week when nothing else is asked for; true to the events, also to those that came late.',
        tags: ['events'],
        querystring: Query,
        response: { 200: EventCounts },
      },
    },
    async ({ query: { from, until, ...filter } }) =>
      eventCounts.count({
        ...filter,
        ...(from === undefined ? {} : { from: instantOf('from', from) }),
        ...(until === undefined ? {} : { until: instantOf('until', until) }),
      }),
  );
};

/** The pattern of a timestamp lets the 40th of a month through. */
function instantOf(name: string, text: string): Date {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  const problem = { path: `/querystring/${name}`, message: 'is no date' };
  throw new DipperError('REQUEST_INVALID', { message: `${problem.path}: ${problem.message}`, detail: [problem] });
}
