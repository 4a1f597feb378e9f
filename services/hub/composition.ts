import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createCommandSender } from './commands/command-sender.ts';
import { createCommandSigner } from './commands/command-signer.ts';
import type { Database } from './database/schema.ts';
import { createAccountRepository } from './domains/account/account.repository.ts';
import { type AccountService, createAccountService, ensureAdmin } from './domains/account/account.service.ts';
import type { AccountTables } from './domains/account/account.tables.ts';
import { generatePassword, hashPassword } from './domains/account/password.ts';
import { type AuditTrail, createAuditTrail } from './domains/audit/audit.service.ts';
import type { AuditTables } from './domains/audit/audit.tables.ts';
import { createReportThrottle, type ReportThrottle } from './domains/case/report-throttle.ts';
import { type AssessmentService, createAssessmentService } from './domains/consent/assessment.service.ts';
import { type ConsentService, createConsentService } from './domains/consent/consent.service.ts';
import type { ConsentTables } from './domains/consent/consent.tables.ts';
import { type ConsentKeeping, createConsentKeeping } from './domains/consent/consent-keeping.ts';
import { createFacesOf } from './domains/consent/faces-of.ts';
import { createWithdrawalJournal } from './domains/consent/withdrawal-journal.ts';
import {
  createDeviceCommandService,
  type DeviceCommandService,
} from './domains/device-command/device-command.service.ts';
import type { DeviceCommandTables } from './domains/device-command/device-command.tables.ts';
import { createSnapshotFetcher, type SnapshotFetcher } from './domains/device-command/device-snapshot.ts';
import { type BrokerPasswordKeeper, createBrokerPasswordKeeper } from './domains/enrolment/broker-password-keeper.ts';
import {
  createEnrolmentService,
  type EnrolmentService,
  type EnrolmentServiceOptions,
} from './domains/enrolment/enrolment.service.ts';
import type { EnrolmentTables } from './domains/enrolment/enrolment.tables.ts';
import { createEnrolmentThrottle } from './domains/enrolment/enrolment-throttle.ts';
import { createExportService, type ExportService } from './domains/export/export.service.ts';
import type { ExportTables } from './domains/export/export.tables.ts';
import type { HolderTables } from './domains/holder/holder.tables.ts';
import { createHubKeyService, type HubKeyService } from './domains/hub-key/hub-key.service.ts';
import type { HubKeyTables } from './domains/hub-key/hub-key.tables.ts';
import { createHubKeyAnnouncer, type HubKeyAnnouncer } from './domains/hub-key/hub-key-announcer.ts';
import type { HubKeyring } from './domains/hub-key/hub-keyring.ts';
import { createIdempotencyService, type IdempotencyService } from './domains/idempotency/idempotency.service.ts';
import type { IdempotencyTables } from './domains/idempotency/idempotency.tables.ts';
import { createPasswordService, type PasswordService } from './domains/password/password.service.ts';
import { createPasswordCodes } from './domains/password/password-code.repository.ts';
import type { AccessTables } from './domains/policy/access-db.ts';
import { type AccessControl, createAccessControl } from './domains/policy/access-services.ts';
import type { CredentialKeys } from './domains/policy/credential-keys.ts';
import type { PolicyKeepingOptions } from './domains/policy/policy-keeping.ts';
import { createDeadLetterService } from './domains/resend/dead-letter.service.ts';
import type { ResendRoutesOptions } from './domains/resend/resend.routes.ts';
import { createResendService } from './domains/resend/resend.service.ts';
import { createLoginThrottle } from './domains/session/login-throttle.ts';
import { createSessionRepository } from './domains/session/session.repository.ts';
import { createSessionService, type SessionService } from './domains/session/session.service.ts';
import { createSessionSockets, type SessionSockets } from './domains/session/session-sockets.ts';
import { createSignInAttempts } from './domains/session/sign-in-attempt.repository.ts';
import { createTokenRepository } from './domains/token/token.repository.ts';
import { createTokenService, type TokenService } from './domains/token/token.service.ts';
import type { TokenTables } from './domains/token/token.tables.ts';
import { createTotpRepository } from './domains/totp/totp.repository.ts';
import { createTotpService, type TotpService } from './domains/totp/totp.service.ts';
import type { WebhookTables } from './domains/webhook/webhook.tables.ts';
import { createWebhooks, type Webhooks } from './domains/webhook/webhooks.ts';
import { createLiveRelay, type LiveRelay } from './live/live-relay.ts';
import { createMediaViews, type MediaViews } from './media/media-view.service.ts';
import { createPlaybackRelay, type PlaybackRelay } from './recordings/playback-relay.ts';
import { createRecordings, type Recordings } from './recordings/recordings.ts';
import { currentScope } from './scope/scope-context.ts';
import { scopeServices } from './scope/scoped-services.ts';
import type { Sealer } from './sealer.ts';
import type { HubServices } from './services.ts';
import { createUplinkOpener } from './uplink/uplink-opener.ts';
import { createUplinkTickets, type UplinkTickets } from './uplink/uplink-tickets.ts';

/** What people and edges are served with, built on the data side. */
export interface Composition {
  readonly accounts: AccountService;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly tokens: TokenService;
  readonly totp: TotpService;
  readonly passwords: PasswordService;
  /** Of what strangers send in. */
  readonly reports: ReportThrottle;
  readonly sockets: SessionSockets;
  readonly tickets: UplinkTickets;
  readonly relay: LiveRelay;
  readonly media: MediaViews;
  readonly recordings: Recordings;
  readonly playbacks: PlaybackRelay;
  readonly exports: ExportService;
  readonly deviceCommands: DeviceCommandService;
  readonly fetchSnapshot: SnapshotFetcher;
  readonly idempotency: IdempotencyService;
  readonly webhooks: Webhooks;
  readonly enrolments: EnrolmentService;
  /** Who may pass where. */
  readonly access: AccessControl;
  /** Consent to be recognised by face; not kept to anybody's scope: see `scope/scoped-consents.ts`. */
  readonly consents: ConsentService;
  readonly consentKeeping: ConsentKeeping;
  readonly assessments: AssessmentService;
  readonly hubKeys: HubKeyService;
  readonly hubKeyAnnouncer: HubKeyAnnouncer;
  readonly brokerPasswords: BrokerPasswordKeeper;
  readonly resends: Pick<ResendRoutesOptions, 'resends' | 'deadLetters'>;
  /**
   * Makes sure that somebody can sign in; the tables have to be there.
   * @param password of `admin`; without one, the first start makes one up
   * @returns the password that was made up, to be told once
   */
  ensureAdmin(password: string | undefined): Promise<string | undefined>;
}

export interface CompositionOptions {
  readonly services: HubServices;
  readonly database: Kysely<
    Database &
      AccountTables &
      AuditTables &
      EnrolmentTables &
      HubKeyTables &
      IdempotencyTables &
      TokenTables &
      WebhookTables
  >;
  /** For secrets that have to be read again. */
  readonly sealer: Sealer;
  /** Whether administrators may do nothing before they have a second factor. */
  readonly requireTotp: boolean;
  /** Networks inside that webhooks may reach. */
  readonly webhookAllowedNetworks: readonly string[];
  readonly publicUrl: string | undefined;
  readonly keyring: HubKeyring;
  /** What an agent that enrols is told; the broker is undefined where its passwords are not kept here. */
  readonly enrolment: Pick<EnrolmentServiceOptions, 'broker'> & {
    readonly passwordsFile: string | undefined;
  };
  /** Where edges reach this copy of the hub; asked once it listens. */
  readonly uplinkUrl: () => string;
  /** Origin at which they reach any copy. */
  readonly hubUrl: () => string;
  readonly credentialKeys: CredentialKeys;
  /** Of consents that were taken back; see the configuration. */
  readonly withdrawalsFile: string;
  /** Days off, for the hours of access. */
  readonly calendar: PolicyKeepingOptions['calendar'];
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Name of the hub in the commands that it signs. */
const ISSUER = 'dipper-hub';

/** Builds the services beside those of the data side, in the order in which they need each other. */
export async function compose(options: CompositionOptions): Promise<Composition> {
  const { services, database, keyring, credentialKeys, logger, registry } = options;
  const accountRows = createAccountRepository(database);
  const sessionRows = createSessionRepository(database);
  const audit = createAuditTrail(database);
  const accounts = createAccountService(accountRows, await hashPassword(generatePassword()));
  const tokenRows = createTokenRepository(database);
  const sockets = createSessionSockets(
    async (ids) => [...(await sessions.findByIds(ids)), ...(await tokens.findByIds(ids))],
    logger,
  );
  const totp = createTotpService({
    rows: createTotpRepository(database),
    sealer: options.sealer,
    isRequired: options.requireTotp,
  });
  const attempts = createSignInAttempts(database);
  const throttle = createLoginThrottle(attempts);
  const sessions = createSessionService({
    totp,
    sessions: sessionRows,
    accounts,
    audit,
    sockets,
    throttle,
  });
  const tokens = createTokenService({ db: database, tokens: tokenRows, sockets, totp });
  const passwords = createPasswordService({
    accounts: accountRows,
    codes: createPasswordCodes(database),
    throttle,
    async endAllBut(accountId, sessionId) {
      await sessions.revokeAllOf(accountId, sessionId);
      await tokens.revokeAllOf(accountId);
    },
  });
  const idempotency = createIdempotencyService(database, options.sealer);
  const webhooks = createWebhooks({
    db: database,
    sealer: options.sealer,
    changes: services.changes,
    allowedNetworks: options.webhookAllowedNetworks,
    publicUrl: options.publicUrl,
    registry,
    log: logger,
    housekeep: idempotency.forget,
  });
  const brokerPasswords = createBrokerPasswordKeeper({
    db: database,
    file: options.enrolment.passwordsFile,
    log: logger,
  });
  const sendCommand = createCommandSender({
    log: logger,
    agents: services.agents,
    edges: services.edges,
    sign: createCommandSigner(keyring.signer, ISSUER),
  });
  const access = createAccessControl({
    ...{ db: database.$extendTables<AccessTables>(), sealer: options.sealer, keys: credentialKeys, keyring },
    ...{ calendar: options.calendar, facesOf: createFacesOf(Date.now), edges: services.edges },
    ...{ hubUrl: options.hubUrl, sendCommand, registry, log: logger },
  });
  const enrolments = createEnrolmentService({
    db: database,
    credentialKeys,
    throttle: createEnrolmentThrottle(attempts),
    broker: options.enrolment.broker,
    hubKeys: keyring.publicKeys,
    onChange() {
      brokerPasswords.nudge();
      access.publisher.nudge();
    },
  });
  const tickets = createUplinkTickets();
  const consent = {
    ...{ db: database.$extendTables<HolderTables & ConsentTables>(), sendCommand, now: Date.now },
    onChange: access.publisher.nudge,
  };
  const consentKeeping = createConsentKeeping({
    ...{ ...consent, keys: credentialKeys, journal: createWithdrawalJournal(options.withdrawalsFile) },
    ...{ log: logger, monotonicNow: () => performance.now() },
  });
  const hubKeys = createHubKeyService({ db: database, sealer: options.sealer, onChange: keyring.refresh });
  const hubKeyAnnouncer = createHubKeyAnnouncer({
    ...{ db: database, keyring, keys: hubKeys, sendCommand, audit, log: logger },
  });
  const openUplink = createUplinkOpener({ tickets, sendCommand, uplinkUrl: options.uplinkUrl });
  return {
    accounts,
    audit,
    sessions,
    totp,
    tokens,
    passwords,
    reports: createReportThrottle(createSignInAttempts(database, 'dipper.report_attempt')),
    sockets,
    tickets,
    relay: createLiveRelay({ openUplink, logger, registry }),
    recordings: createRecordings({ openUplink, sendCommand }),
    playbacks: createPlaybackRelay({ openUplink, logger, registry }),
    exports: createExportService({ db: database.$extendTables<ExportTables>(), openUplink, signer: keyring.signer }),
    deviceCommands: createDeviceCommandService({
      ...{ db: database.$extendTables<DeviceCommandTables>(), sendCommand, log: logger },
    }),
    fetchSnapshot: createSnapshotFetcher(openUplink),
    // A look is asked for by somebody.
    media: createMediaViews({ events: scopeServices(services, currentScope).events, openUplink, audit }),
    idempotency,
    webhooks,
    enrolments,
    access,
    consents: createConsentService({ ...consent, onWithdrawal: consentKeeping.nudge }),
    consentKeeping,
    assessments: createAssessmentService(consent),
    hubKeys,
    hubKeyAnnouncer,
    brokerPasswords,
    resends: {
      resends: createResendService({ db: database, agents: services.agents, sendCommand, log: logger }),
      deadLetters: createDeadLetterService(database),
    },
    ensureAdmin: (password) => ensureAdmin({ accounts: accountRows, password, revokeSessionsOf: sessions.revokeAllOf }),
  };
}
