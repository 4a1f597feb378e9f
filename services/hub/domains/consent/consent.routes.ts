import {
  ConsentWithdrawal,
  FaceConsentList,
  FaceConsentView,
  ImpactAssessmentView,
  NewFaceConsent,
  NewFaceEnrolment,
  NewImpactAssessment,
} from '@dipper/contract/api/face-consent';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import {
  ACCESS_KEEPERS,
  ACCESS_READERS,
  HOLDER_BLOCKERS,
  HOLDER_KEEPERS,
  HOLDER_READERS,
} from '../../plugins/roles.ts';
import type { AssessmentService } from './assessment.service.ts';
import type { ConsentService } from './consent.service.ts';

const tags = ['face-consents'];
const Params = Type.Object({ id: Uuid });
const ConsentParams = Type.Object({ id: Uuid, consent: Uuid });

export interface ConsentRoutesOptions {
  readonly consents: ConsentService;
  readonly assessments: AssessmentService;
  readonly signal: AbortSignal;
}

export const consentRoutes: FastifyPluginAsyncTypebox<ConsentRoutesOptions> = async (app, options) => {
  const { consents, assessments, signal } = options;
  app.get(
    '/holders/:id/face-consents',
    {
      config: { access: { roles: HOLDER_READERS, located: true }, audit: { action: 'face-consent.list' } },
      schema: {
        summary: 'Consents of a resident to be recognised by face, newest first',
        description:
          'With every enrolment, and with the receipts of edges that erased the template. No template and no picture is here or anywhere in the hub.',
        tags,
        params: Params,
        response: { 200: FaceConsentList },
      },
    },
    async ({ params }) => ({ items: await consents.list(params.id) }),
  );
  app.post(
    '/holders/:id/face-consents',
    {
      config: {
        access: { roles: HOLDER_KEEPERS, located: true },
        audit: { action: 'face-consent.give' },
        errors: ['GUARDIAN_MISSING'],
      },
      schema: {
        summary: 'Record that a resident consents, after the notice was shown',
        description:
          'Under fourteen a guardian consents. One current consent each: withdraw it before another is given.',
        tags,
        params: Params,
        body: NewFaceConsent,
        response: { 201: FaceConsentView },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await consents.give(request.params.id, request.body, principalOf(request))),
  );
  app.post(
    '/holders/:id/face-consents/:consent/withdraw',
    {
      config: {
        access: { roles: HOLDER_BLOCKERS, located: true },
        audit: { action: 'face-consent.withdraw', target: 'params.consent' },
        errors: ['CONSENT_WITHDRAWN'],
      },
      schema: {
        summary: 'Withdraw a consent: every edge erases the template and signs for it',
        description: 'An edge that is away does so when it comes back; until then it is in `awaited`.',
        tags,
        params: ConsentParams,
        body: ConsentWithdrawal,
        response: { 200: FaceConsentView },
      },
    },
    async (request) => {
      const { id, consent } = request.params;
      return consents.withdraw(id, consent, request.body, principalOf(request));
    },
  );
  app.post(
    '/holders/:id/face-consents/:consent/enrolments',
    {
      config: {
        access: { roles: HOLDER_BLOCKERS, located: true },
        audit: { action: 'face-consent.enrol', target: 'params.consent' },
        errors: [
          ...(['CONSENT_MISSING', 'CONSENT_WITHDRAWN', 'ASSESSMENT_MISSING', 'DEVICE_UNKNOWN'] as const),
          ...(['RECOGNITION_OFF', 'ENROLMENT_UNDER_WAY', 'AGENT_OFFLINE', 'COMMAND_TIMEOUT'] as const),
        ],
      },
      schema: {
        summary: 'Have the camera of an access point enrol the resident who stands before it',
        description: 'Answered once the camera watches; how it goes is in the enrolment of the same consent.',
        tags,
        params: ConsentParams,
        body: NewFaceEnrolment,
        response: { 201: FaceConsentView },
      },
    },
    async (request, reply) => {
      const { id, consent } = request.params;
      return reply.code(201).send(await consents.enrol(id, consent, request.body, principalOf(request), signal));
    },
  );
  app.get(
    '/impact-assessments',
    {
      config: { access: { roles: ACCESS_READERS, located: true } },
      schema: {
        summary: 'Impact assessments on file, newest first',
        tags,
        querystring: listQuery({ estate: Type.Optional(Slug) }),
        response: listResponse(ImpactAssessmentView),
      },
    },
    async ({ query }) => listed(await assessments.list(query)),
  );
  app.post(
    '/impact-assessments',
    {
      config: { access: { roles: ACCESS_KEEPERS, located: true }, audit: { action: 'impact-assessment.file' } },
      schema: {
        summary: 'Put an impact assessment on file',
        description: 'Without a current one nobody is recognised in the estate, whatever edges are configured to do.',
        tags,
        body: NewImpactAssessment,
        response: { 201: ImpactAssessmentView },
      },
    },
    async (request, reply) => {
      const filed = await assessments.file(request.body, principalOf(request));
      request.auditNote = { target: filed.id };
      return reply.code(201).send(filed);
    },
  );
  app.post(
    '/impact-assessments/:id/end',
    {
      config: {
        access: { roles: ACCESS_KEEPERS, located: true },
        audit: { action: 'impact-assessment.end' },
        errors: ['ALREADY_ENDED'],
      },
      schema: {
        summary: 'Take an impact assessment off the file; recognition stops where it was the last',
        tags,
        params: Params,
        response: { 200: ImpactAssessmentView },
      },
    },
    async (request) => assessments.end(request.params.id, principalOf(request)),
  );
};
