import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { CaseFigures } from '@dipper/contract/api/case-figures';
import { DipperError } from '@dipper/contract/errors';
import { Timestamp } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { CASE_REVIEWERS } from '../../plugins/roles.ts';
import type { GridCaseService } from '../../services.ts';
import { exportCsv, exportJson, type ReadPage } from './case-export.ts';
import type { CaseFiguresService } from './case-figures.service.ts';
import { CASE_FILTERS, withMe } from './grid-case.routes.ts';

export interface CaseReviewRoutesOptions {
  readonly cases: Pick<GridCaseService, 'list'>;
  readonly figures: CaseFiguresService;
}

const FILE = { schema: Type.String(), example: '' };
const USUAL_SPAN_MS = 30 * 24 * 3_600_000;
const LONGEST_SPAN_MS = 2 * 366 * 24 * 3_600_000;

/** What leaves the hub about many cases at once: a list as a file, and figures. */
export const caseReviewRoutes: FastifyPluginAsyncTypebox<CaseReviewRoutesOptions> = async (app, { cases, figures }) => {
  app.get(
    '/cases/export',
    {
      config: { access: { roles: CASE_REVIEWERS, located: true }, audit: { action: 'case.export' } },
      schema: {
        summary: 'Cases as a file: CSV for spreadsheets or JSON, newest first',
        description:
          'Takes the filters of the list. Cells that a spreadsheet would take for a formula begin with an apostrophe. Every export is in the audit trail.',
        tags: ['cases'],
        querystring: Type.Object(
          { ...CASE_FILTERS, format: Type.Enum(['csv', 'json']) },
          { additionalProperties: false },
        ),
        response: { 200: { description: 'The file', content: { 'text/csv': FILE, 'application/json': FILE } } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { format, ...filters } = request.query;
      const query = withMe(filters, principal.name);
      // The file is read as the connection takes it, long after this call: still on behalf of whoever asked.
      const onBehalf = AsyncLocalStorage.snapshot();
      const read: ReadPage = (page) => onBehalf(() => cases.list({ ...query, ...page }, principal));
      request.auditNote = { reason: JSON.stringify(query).slice(0, 200) };
      const file = Readable.from(format === 'csv' ? exportCsv(read) : exportJson(read), { objectMode: false });
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="cases.${format}"`)
        .header('cache-control', 'no-store')
        .send(file as never);
    },
  );
  app.get(
    '/cases/figures',
    {
      config: { access: { roles: CASE_REVIEWERS, located: true } },
      schema: {
        summary: 'How cases were dealt with, by grid and platform',
        description:
          'Counted from steps, which nobody can change: closings against the deadline of then, by the hub’s clock. The last thirty days when nothing is named; at most two years at a time.',
        tags: ['cases'],
        querystring: Type.Object(
          { from: Type.Optional(Timestamp), until: Type.Optional(Timestamp) },
          { additionalProperties: false },
        ),
        response: { 200: CaseFigures },
      },
    },
    async (request) => {
      const { query } = request;
      const untilMs = query.until === undefined ? Date.now() : Date.parse(query.until);
      const fromMs = query.from === undefined ? untilMs - USUAL_SPAN_MS : Date.parse(query.from);
      // A day that does not exist is NaN, and neither less nor more than anything.
      if (!(untilMs > fromMs && untilMs - fromMs <= LONGEST_SPAN_MS)) {
        throw new DipperError('REQUEST_INVALID', {
          message: '/querystring/until: has to be later than from, by two years at most',
        });
      }
      const [from, until] = [new Date(fromMs), new Date(untilMs)];
      const items = await figures.count(from, until, principalOf(request));
      return { from: from.toISOString(), until: until.toISOString(), items };
    },
  );
};
