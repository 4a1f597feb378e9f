import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CommandSender } from '../../commands/command-sender.ts';
import type { Sealer } from '../../sealer.ts';
import type { EdgeMessenger } from '../../services.ts';
import { type AccessAreaService, createAccessAreaService } from '../access-point/access-area.service.ts';
import { type AccessPointService, createAccessPointService } from '../access-point/access-point.service.ts';
import { type AccessRecordService, createAccessRecordService } from '../access-record/access-record.service.ts';
import { type AccessScheduleService, createAccessScheduleService } from '../access-schedule/access-schedule.service.ts';
import { createForgivenessService, type ForgivenessService } from '../forgiveness/forgiveness.service.ts';
import { createHolderService, type HolderService } from '../holder/holder.service.ts';
import { createHolderImportService, type HolderImportService } from '../holder-import/holder-import.service.ts';
import type { HubKeyring } from '../hub-key/hub-keyring.ts';
import { createInviteService, type InviteService } from '../pass/invite.service.ts';
import { createPassService, type PassService } from '../pass/pass.service.ts';
import { createPassIssuing } from '../pass/pass-issuing.ts';
import { createPassKeeping, type PassKeeping } from '../pass/pass-keeping.ts';
import { createVisitorPassService, type VisitorPassService } from '../pass/visitor-pass.service.ts';
import type { AccessDb } from './access-db.ts';
import { type AgentPolicyService, createAgentPolicyService } from './agent-policy.service.ts';
import type { CredentialKeys } from './credential-keys.ts';
import { createPolicyHandout, type PolicyHandout } from './policy-handout.ts';
import { createPolicyKeeping, type PolicyKeepingOptions } from './policy-keeping.ts';
import { createPolicyMetrics } from './policy-metrics.ts';
import { createPolicyPublisher, type PolicyPublisher } from './policy-publisher.ts';

/** Who may pass where, as people see and change it. */
export interface AccessServices {
  readonly holders: HolderService;
  readonly holderImports: HolderImportService;
  readonly points: AccessPointService;
  readonly areas: AccessAreaService;
  readonly schedules: AccessScheduleService;
  readonly policies: AgentPolicyService;
  readonly forgiveness: ForgivenessService;
  readonly records: AccessRecordService;
  readonly passes: PassService;
  /** The links of residents, as those who give them out see them. */
  readonly invites: Pick<InviteService, 'create' | 'end'>;
}

export interface AccessControl {
  /** Not kept to anybody's scope: see `scope/scoped-access.ts`. */
  readonly services: AccessServices;
  readonly handout: PolicyHandout;
  readonly publisher: PolicyPublisher;
  /** What a visitor sees, and what a resident does by their link: neither has an account. */
  readonly visitorPasses: VisitorPassService;
  readonly invites: InviteService;
  readonly passKeeping: PassKeeping;
  /** Enters the keys of agents that were brought in by hand; the tables have to be there. */
  adoptKeys(): Promise<void>;
}

export interface AccessControlOptions {
  readonly db: AccessDb;
  readonly sealer: Sealer;
  readonly keys: CredentialKeys;
  readonly keyring: Pick<HubKeyring, 'signer' | 'publicKeys'>;
  readonly calendar: PolicyKeepingOptions['calendar'];
  readonly facesOf: PolicyKeepingOptions['facesOf'];
  readonly edges: Pick<EdgeMessenger, 'publishPolicy' | 'connectedSince'>;
  readonly sendCommand: CommandSender;
  /** Origin at which edges reach the hub; asked once it listens. */
  readonly hubUrl: () => string;
  readonly registry: Registry;
  readonly log: Logger;
  readonly now?: () => number;
  readonly monotonicNow?: () => number;
}

/** Puts together what knows who may pass, and what brings it to the edges. */
export function createAccessControl(options: AccessControlOptions): AccessControl {
  const { db, sealer, keys, edges, log, now = Date.now, monotonicNow = () => performance.now() } = options;
  const keeping = createPolicyKeeping({
    ...{ db, sealer, keys, now },
    ...{ keyring: options.keyring, calendar: options.calendar, facesOf: options.facesOf },
    bodyUrl: (agent) => `${options.hubUrl()}/edge/v1/policies/${agent}`,
  });
  const metrics = createPolicyMetrics(options.registry);
  const publisher = createPolicyPublisher({ db, keeping, edges, metrics, log, now, monotonicNow });
  const shared = { db, onChange: publisher.nudge, now };
  const issuing = createPassIssuing(sealer);
  const invites = createInviteService({ ...shared, sealer, issuing });
  return {
    services: {
      holders: createHolderService({ ...shared, sealer }),
      holderImports: createHolderImportService({ ...shared, sealer, timeZone: options.calendar.timeZone }),
      points: createAccessPointService(shared),
      areas: createAccessAreaService(shared),
      schedules: createAccessScheduleService(shared),
      policies: createAgentPolicyService(db),
      forgiveness: createForgivenessService({ db, sendCommand: options.sendCommand, log }),
      records: createAccessRecordService(db),
      passes: createPassService({ ...shared, sealer, issuing }),
      invites,
    },
    invites,
    visitorPasses: createVisitorPassService({ db, keyring: options.keyring, now }),
    passKeeping: createPassKeeping({ ...shared, log, monotonicNow }),
    handout: createPolicyHandout(db, keys),
    publisher,
    adoptKeys: () => keys.adopt(db, new Date(now())),
  };
}
