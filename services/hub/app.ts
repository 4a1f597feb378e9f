import { randomUUID } from 'node:crypto';
import { DipperError } from '@dipper/contract/errors';
import rateLimit from '@fastify/rate-limit';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Composition } from './composition.ts';
import { accessPointRoutes } from './domains/access-point/access-point.routes.ts';
import { accessRecordRoutes } from './domains/access-record/access-record.routes.ts';
import { accessScheduleRoutes } from './domains/access-schedule/access-schedule.routes.ts';
import { accountRoutes } from './domains/account/account.routes.ts';
import { agentRoutes } from './domains/agent/agent.routes.ts';
import { alarmRoutes } from './domains/alarm/alarm.routes.ts';
import { alarmFiguresRoutes } from './domains/alarm-figures/alarm-figures.routes.ts';
import { auditRoutes } from './domains/audit/audit.routes.ts';
import { assigneeRoutes } from './domains/case/assignee.routes.ts';
import { caseAttachmentRoutes } from './domains/case/case-attachment.routes.ts';
import { caseReviewRoutes } from './domains/case/case-review.routes.ts';
import { gridCaseRoutes } from './domains/case/grid-case.routes.ts';
import { residentReportRoutes } from './domains/case/resident-report.routes.ts';
import { changeRoutes } from './domains/change/change.routes.ts';
import { consentRoutes } from './domains/consent/consent.routes.ts';
import { deviceRoutes } from './domains/device/device.routes.ts';
import { deviceCommandRoutes } from './domains/device-command/device-command.routes.ts';
import { enrolmentRoutes } from './domains/enrolment/enrolment.routes.ts';
import { eventRoutes } from './domains/event/event.routes.ts';
import { eventCountRoutes } from './domains/event/event-count.routes.ts';
import { exportRoutes } from './domains/export/export.routes.ts';
import { feedRoutes } from './domains/feed/feed.routes.ts';
import { forgivenessRoutes } from './domains/forgiveness/forgiveness.routes.ts';
import { handoverRoutes } from './domains/handover/handover.routes.ts';
import { healthRoutes, type Readiness } from './domains/health/health.routes.ts';
import { holderRoutes } from './domains/holder/holder.routes.ts';
import { holderImportRoutes } from './domains/holder-import/holder-import.routes.ts';
import { hubKeyRoutes } from './domains/hub-key/hub-key.routes.ts';
import { importRoutes } from './domains/import/import.routes.ts';
import { incidentRoutes } from './domains/incident/incident.routes.ts';
import { outOfServiceRoutes } from './domains/out-of-service/out-of-service.routes.ts';
import { passRoutes } from './domains/pass/pass.routes.ts';
import { publicPassRoutes } from './domains/pass/public-pass.routes.ts';
import { passwordRoutes } from './domains/password/password.routes.ts';
import { placeRoutes } from './domains/place/place.routes.ts';
import { placeTreeRoutes } from './domains/place/place-tree.routes.ts';
import { agentPolicyRoutes } from './domains/policy/agent-policy.routes.ts';
import { policyHandoutRoutes } from './domains/policy/policy-handout.routes.ts';
import { resendRoutes } from './domains/resend/resend.routes.ts';
import { rosterRoutes } from './domains/roster/roster.routes.ts';
import { ruleRoutes } from './domains/rule/rule.routes.ts';
import { ownSessionRoutes } from './domains/session/own-session.routes.ts';
import { sessionRoutes } from './domains/session/session.routes.ts';
import { shelfRoutes } from './domains/shelf/shelf.routes.ts';
import { tokenRoutes } from './domains/token/token.routes.ts';
import { totpRoutes } from './domains/totp/totp.routes.ts';
import { webhookRoutes } from './domains/webhook/webhook.routes.ts';
import { liveRoutes } from './live/live.routes.ts';
import { mediaRoutes } from './media/media.routes.ts';
import { access } from './plugins/access.ts';
import { audit } from './plugins/audit.ts';
import { cookies, createAuthenticator, createSessionCookie } from './plugins/authentication.ts';
import { cleanInput } from './plugins/clean-input.ts';
import { idempotency } from './plugins/idempotency.ts';
import { metrics } from './plugins/metrics.ts';
import { openApi } from './plugins/open-api.ts';
import { createOriginCheck } from './plugins/origin.ts';
import { page } from './plugins/page.ts';
import { problems, sendProblem } from './plugins/problems.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { webSockets } from './plugins/web-sockets.ts';
import { recordingRoutes } from './recordings/recording.routes.ts';
import { withinRequest } from './request-context.ts';
import { retentionRoutes } from './retention/retention.routes.ts';
import { currentScope } from './scope/scope-context.ts';
import { scopeAccess } from './scope/scoped-access.ts';
import { scopeConsents } from './scope/scoped-consents.ts';
import { scopeServices } from './scope/scoped-services.ts';
import type { HubServices } from './services.ts';
import { uplinkRoutes } from './uplink/uplink.routes.ts';

const API_PREFIX = '/api/v1';
/** No request of ours comes near it; pictures travel the other way. */
const MAX_BODY_BYTES = 64 * 1024;
/** From the first byte of a request to its last (Slowloris). */
const REQUEST_PATIENCE_MS = 30_000;

export interface AppOptions {
  readonly services: HubServices;
  readonly composition: Composition;
  readonly readiness: () => Promise<Readiness>;
  /** Whether the database has been brought up to date; until then the API has nothing to serve from. */
  readonly isPrepared: () => boolean;
  /** Where people reach the hub; undefined: where it listens. */
  readonly publicUrl: string | undefined;
  /** Who may say on whose behalf a request comes: addresses, networks, or `loopback`. */
  readonly trustedProxies: readonly string[];
  /** Folder of the built page. */
  readonly consoleDir: string;
  readonly logger: Logger;
  readonly registry: Registry;
}

/**
 * Builds the hub's HTTP side. Closing it ends every socket within a second.
 * @throws RouteUndeclaredError when a route does not say who may use it
 */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { composition, publicUrl, registry } = options;
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  const cookie = createSessionCookie(isSecure);
  const origin = createOriginCheck(publicUrl);
  const stop = new AbortController();

  const app = createServer(options.logger, options.trustedProxies);
  await app.register(problems);
  app.setNotFoundHandler((request, reply) => sendProblem(new DipperError('NOT_FOUND'), request, reply));
  await app.register(securityHeaders, { isSecure });
  app.addHook('onRequest', async (request) => {
    if (request.url.startsWith(API_PREFIX) && !options.isPrepared()) throw new DipperError('DATABASE_UNAVAILABLE');
  });
  await app.register(webSockets);
  await app.register(cookies);
  await app.register(access, {
    authenticate: createAuthenticator({
      cookie,
      origin,
      findPrincipal: async (token) => (await composition.tokens.find(token)) ?? composition.sessions.find(token),
    }),
  });
  await app.register(audit, { audit: composition.audit });
  await app.register(cleanInput);
  await app.register(idempotency, { keys: composition.idempotency });
  await app.register(rateLimit, { global: false, errorResponseBuilder: (_request, { ttl }) => tooMany(ttl) });
  await app.register(openApi, { publicUrl });
  await app.register(metrics, { registry });
  await app.register(healthRoutes, { readiness: options.readiness });
  await app.register(uplinkRoutes, { tickets: composition.tickets });
  await app.register(policyHandoutRoutes, { handout: composition.access.handout });
  await app.register(async (api) => registerApi(api, options, { cookie, origin, signal: stop.signal }), {
    prefix: API_PREFIX,
  });
  await app.register(page, { dir: options.consoleDir });

  const watching = composition.sockets.run(stop.signal);
  app.addHook('onClose', async () => {
    stop.abort();
    composition.relay.stop();
    composition.playbacks.stop();
    await watching;
  });
  return app;
}

function createServer(logger: Logger, trustedProxies: readonly string[]): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // What is refused or fails is logged where it is answered; the rest is counted by the metrics.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_PATIENCE_MS,
    trustProxy: [...trustedProxies],
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  // JSON is all that the API takes: what a form of a foreign page can send without asking first is refused.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  app.addHook('onRequest', (request, _reply, done) => withinRequest(request.id, done));
  // Reading a body may have left the chain of calls.
  app.addHook('preHandler', (request, _reply, done) => withinRequest(request.id, done));
  return app;
}

interface ApiContext {
  readonly cookie: ReturnType<typeof createSessionCookie>;
  readonly origin: ReturnType<typeof createOriginCheck>;
  readonly signal: AbortSignal;
}

/** Every noun of the API. */
async function registerApi(
  api: FastifyInstance,
  { services: everything, composition }: AppOptions,
  { cookie, origin, signal }: ApiContext,
): Promise<void> {
  // People see no more than their scope: what a route is given knows who asks.
  const services = scopeServices(everything, currentScope);
  const { accounts, audit, sessions, tokens, sockets, relay, media } = composition;
  await api.register(sessionRoutes, { sessions, cookie, origin });
  await api.register(ownSessionRoutes, { sessions });
  await api.register(totpRoutes, { totp: composition.totp });
  await api.register(passwordRoutes, { passwords: composition.passwords, origin });
  await api.register(tokenRoutes, { tokens });
  await api.register(accountRoutes, { accounts, sessions, tokens, sockets });
  await api.register(auditRoutes, { audit });
  await api.register(eventRoutes, services);
  await api.register(eventCountRoutes, services);
  await api.register(retentionRoutes, services);
  await api.register(alarmRoutes, services);
  await api.register(shelfRoutes, services);
  await api.register(outOfServiceRoutes, services);
  await api.register(alarmFiguresRoutes, services);
  await api.register(handoverRoutes, services);
  await api.register(incidentRoutes, services);
  await api.register(ruleRoutes, { rules: services.rules, signal });
  await api.register(gridCaseRoutes, { cases: services.cases, terms: services.caseTerms, accounts });
  await api.register(caseReviewRoutes, { cases: services.cases, figures: services.caseFigures });
  await api.register(caseAttachmentRoutes, { attachments: services.caseAttachments });
  await api.register(residentReportRoutes, { reports: everything.residentReports, throttle: composition.reports });
  await api.register(assigneeRoutes, { accounts });
  await api.register(deviceRoutes, services);
  await api.register(agentRoutes, services);
  await api.register(enrolmentRoutes, { enrolments: composition.enrolments });
  const accessControl = scopeAccess(composition.access.services, services.places, currentScope);
  await api.register(holderRoutes, accessControl);
  await api.register(holderImportRoutes, accessControl);
  await api.register(accessPointRoutes, accessControl);
  await api.register(accessScheduleRoutes, accessControl);
  await api.register(accessRecordRoutes, accessControl);
  await api.register(agentPolicyRoutes, accessControl);
  await api.register(passRoutes, accessControl);
  await api.register(forgivenessRoutes, { ...accessControl, signal });
  await api.register(publicPassRoutes, {
    visitorPasses: composition.access.visitorPasses,
    invites: composition.access.invites,
    throttle: composition.reports,
  });
  await api.register(consentRoutes, { ...scopeConsents(composition, accessControl.holders, currentScope), signal });
  await api.register(hubKeyRoutes, { keys: composition.hubKeys });
  await api.register(resendRoutes, { ...composition.resends, signal });
  await api.register(placeRoutes, services);
  await api.register(placeTreeRoutes, services);
  await api.register(rosterRoutes, services);
  await api.register(importRoutes, services);
  await api.register(feedRoutes, { services, sockets, audit });
  await api.register(changeRoutes, { services, signal });
  await api.register(webhookRoutes, { webhooks: composition.webhooks.service, signal });
  await api.register(liveRoutes, { devices: services.devices, relay, audit, sockets });
  await api.register(mediaRoutes, { views: media, signal });
  const { recordings, playbacks, exports } = composition;
  const { devices, events } = services;
  await api.register(recordingRoutes, { devices, events, recordings, playbacks, audit, sockets, signal });
  await api.register(exportRoutes, { devices, exports, audit, signal });
  const { deviceCommands: commands, fetchSnapshot } = composition;
  await api.register(deviceCommandRoutes, { devices, commands, fetchSnapshot, audit, signal });
}

function tooMany(waitMs: number): DipperError {
  return new DipperError('TOO_MANY_ATTEMPTS', { detail: { retryAfterSec: Math.ceil(waitMs / 1000) } });
}
