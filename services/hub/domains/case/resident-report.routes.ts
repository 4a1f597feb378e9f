import {
  ReportForm,
  ReportProgress,
  ReportRating,
  ReportReceipt,
  ResidentReport,
} from '@dipper/contract/api/case-report';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ReportThrottle } from './report-throttle.ts';
import type { ResidentReportService } from './resident-report.service.ts';

export interface ResidentReportRoutesOptions {
  readonly reports: ResidentReportService;
  readonly throttle: ReportThrottle;
}

/** Nobody guesses 100 bits, and looking changes nothing; this, in memory and per copy of the hub, keeps a page that reloads itself from being a burden. */
const LOOKS_PER_ADDRESS = { max: 60, timeWindow: 60_000 };

/** As somebody typed it: spaces, hyphens and case do not matter. */
const Params = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 40, examples: ['7KQ2-9MXT-B4RW-6HZC-PD8V'] }),
});

/** For residents, without an account. */
export const residentReportRoutes: FastifyPluginAsyncTypebox<ResidentReportRoutesOptions> = async (
  app,
  { reports, throttle },
) => {
  app.get(
    '/public/report-form',
    {
      config: { access: 'public', rateLimit: LOOKS_PER_ADDRESS },
      schema: { summary: 'What a resident can report, and where', tags: ['residents'], response: { 200: ReportForm } },
    },
    async () => reports.form(),
  );
  app.post(
    '/public/reports',
    {
      config: {
        access: 'public',
        errors: ['TOO_MANY_ATTEMPTS'],
        audit: { action: 'report.create', target: 'answer.number' },
      },
      schema: {
        summary: 'Report something as a resident',
        description:
          'Answers a code to follow the matter with. It is told once and kept nowhere; nobody is asked for a name.',
        tags: ['residents'],
        body: ResidentReport,
        response: { 201: ReportReceipt },
      },
    },
    async (request, reply) => {
      await throttle.count('report', request.ip);
      return reply.code(201).send(await reports.report(request.body));
    },
  );
  app.get(
    '/public/reports/:code',
    {
      config: { access: 'public', rateLimit: LOOKS_PER_ADDRESS, errors: ['NOT_FOUND'] },
      schema: {
        summary: 'Where a resident’s report stands, in plain words and without names',
        tags: ['residents'],
        params: Params,
        response: { 200: ReportProgress },
      },
    },
    async (request) => reports.progress(request.params.code),
  );
  app.post(
    '/public/reports/:code/rating',
    {
      config: {
        access: 'public',
        errors: ['TOO_MANY_ATTEMPTS', 'NOT_FOUND', 'REPORT_NOT_CLOSED', 'REPORT_ALREADY_RATED'],
        audit: { action: 'report.rate', target: 'answer.number' },
      },
      schema: {
        summary: 'Say how a report was dealt with, once it is closed',
        tags: ['residents'],
        params: Params,
        body: ReportRating,
        response: { 201: ReportProgress },
      },
    },
    async (request, reply) => {
      await throttle.count('rating', request.ip);
      return reply.code(201).send(await reports.rate(request.params.code, request.body));
    },
  );
};
