import type { Acknowledgement, Alarm, Incident, Priority } from '@dipper/contract/api/alarm';
import type { AlarmHistory } from '@dipper/contract/api/alarm-transition';
import type {
  CaseBrief,
  CaseDetail,
  CaseSource,
  CaseState,
  CaseStepRequest,
  GridCase,
  Platform,
} from '@dipper/contract/api/case';
import type { DuplicateQuery, NewCase } from '@dipper/contract/api/case-report';
import type { FeedKind } from '@dipper/contract/api/feed';
import type { IncidentDetail, IncidentJoin, IncidentSplit } from '@dipper/contract/api/incident-regrouping';
import type { AgentView, DeviceView, EventView, PlaceView } from '@dipper/contract/api/inventory';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { Role } from '@dipper/contract/api/session';
import type { ResultMessage } from '@dipper/contract/commands';
import type { RetentionClass } from '@dipper/contract/events';
import type { TopicAddress } from '@dipper/contract/topics';
import type { AlarmFiguresService } from './domains/alarm-figures/alarm-figures.service.ts';
import type { CaseAttachmentService } from './domains/case/case-attachment.service.ts';
import type { CaseFiguresService } from './domains/case/case-figures.service.ts';
import type { CaseTerms } from './domains/case/case-terms.ts';
import type { ResidentReportService } from './domains/case/resident-report.service.ts';
import type { EventCountService } from './domains/event/event-count.service.ts';
import type { HandoverService } from './domains/handover/handover.service.ts';
import type { ImportService } from './domains/import/import.service.ts';
import type { OutOfServiceService } from './domains/out-of-service/out-of-service.service.ts';
import type { PlaceTreeService } from './domains/place/place-tree.service.ts';
import type { RosterService } from './domains/roster/roster.service.ts';
import type { RuleService } from './domains/rule/rule.service.ts';
import type { ShelfService } from './domains/shelf/shelf.service.ts';
import type { RetentionService } from './retention/retention.service.ts';
import type { Scope } from './scope/scope.ts';

/**
 * What the HTTP side of the hub may ask of its data side. `find…` is undefined when there is nothing, `get…` throws
 * DipperError NOT_FOUND, `list` pages newest first and throws CURSOR_INVALID. Every call may throw
 * DATABASE_UNAVAILABLE.
 */
export interface HubServices {
  readonly eventCounts: EventCountService;
  readonly retention: RetentionService;
  readonly alarms: AlarmService;
  readonly shelves: ShelfService;
  readonly outOfService: OutOfServiceService;
  readonly alarmFigures: AlarmFiguresService;
  readonly handovers: HandoverService;
  readonly rules: RuleService;
  readonly incidents: IncidentService;
  readonly cases: GridCaseService;
  /** These two keep to the scope of the actor by themselves. */
  readonly caseAttachments: CaseAttachmentService;
  readonly caseFigures: CaseFiguresService;
  readonly residentReports: ResidentReportService;
  readonly caseTerms: CaseTerms;
  readonly events: EventService;
  readonly devices: DeviceService;
  readonly agents: AgentService;
  readonly places: PlaceService;
  readonly placeTree: PlaceTreeService;
  readonly roster: RosterService;
  readonly imports: ImportService;
  readonly changes: ChangeReader;
  readonly edges: EdgeMessenger;
}

/** On whose behalf something is done or looked at. */
export interface Actor {
  /** Account name, as it is written into steps and acknowledgements. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** What lies outside does not exist for this account. */
  readonly scope: Scope;
}

/** Where something lies; each filter narrows. */
export interface LocationFilter {
  readonly estate?: string;
  readonly place?: string;
  /** Absent: everywhere. Whoever lists on behalf of somebody passes it; see `scope/scoped-services.ts`. */
  readonly within?: Scope;
}

export interface AlarmFilter extends LocationFilter {
  readonly active?: boolean;
  readonly acknowledged?: boolean;
  readonly rule?: string;
  readonly priority?: Priority;
  readonly agent?: string;
  readonly device?: string;
  readonly incident?: string;
  readonly safetyCritical?: boolean;
  readonly chattering?: boolean;
  readonly stale?: boolean;
  /** Each of these three shows, where it is true, what lists leave out otherwise. */
  readonly shelved?: boolean;
  readonly outOfService?: boolean;
  readonly suppressed?: boolean;
}

export interface AlarmService {
  list(query: PageQuery & AlarmFilter): Promise<Page<Alarm>>;
  findMany(ids: readonly string[]): Promise<Alarm[]>;
  get(id: string): Promise<Alarm>;
  /** Every transition, oldest first. */
  history(id: string): Promise<AlarmHistory>;
  /** @throws DipperError NOT_FOUND, ALARM_ALREADY_ACKNOWLEDGED */
  acknowledge(id: string, acknowledgement: Acknowledgement, actor: Actor): Promise<Alarm>;
}

export interface IncidentService {
  list(query: PageQuery & LocationFilter & { readonly open?: boolean }): Promise<Page<Incident>>;
  findMany(ids: readonly string[]): Promise<Incident[]>;
  get(id: string): Promise<Incident>;
  getDetail(id: string): Promise<IncidentDetail>;
  /** @throws DipperError NOT_FOUND, JOIN_NOT_ALLOWED, INCIDENT_JOINED, INCIDENT_CASE_ENDED, INCIDENTS_HAVE_CASES */
  join(id: string, join: IncidentJoin, actor: Actor): Promise<IncidentDetail>;
  /**
   * Answers the new incident.
   * @throws DipperError NOT_FOUND, INCIDENT_JOINED, SPLIT_NOT_ALLOWED
   */
  split(id: string, split: IncidentSplit, actor: Actor): Promise<IncidentDetail>;
}

export interface GridCaseFilter extends LocationFilter {
  readonly state?: CaseState;
  readonly platform?: Platform;
  readonly priority?: Priority;
  readonly grid?: string;
  readonly assignee?: string;
  readonly incident?: string;
  readonly category?: string;
  readonly source?: CaseSource;
  readonly leader?: string;
  /** Whether it has not ended. */
  readonly open?: boolean;
  /** Whether its deadline has passed, while it was not suspended, and it has not ended. */
  readonly overdue?: boolean;
  readonly supervised?: boolean;
  /** Whether something waits in it for somebody's approval. */
  readonly requested?: boolean;
}

export interface GridCaseService {
  /** `actions` of each case are those of the actor. */
  list(query: PageQuery & GridCaseFilter, actor: Actor): Promise<Page<GridCase>>;
  findMany(ids: readonly string[], actor: Actor): Promise<GridCase[]>;
  get(id: string, actor: Actor): Promise<CaseDetail>;
  /**
   * @throws DipperError NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, STEP_NOT_ALLOWED, HANDLER_CANNOT_VERIFY,
   *   ASKER_CANNOT_APPROVE, CASE_REQUEST_PENDING, CASE_SUSPENDED, MERGE_NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED, REQUEST_INVALID
   */
  takeStep(id: string, step: CaseStepRequest, actor: Actor): Promise<CaseDetail>;
  /** @throws DipperError FORBIDDEN, REQUEST_INVALID, NOT_FOUND outside of the actor's scope, IDEMPOTENCY_KEY_REUSED */
  open(report: NewCase, actor: Actor): Promise<CaseDetail>;
  /** Open cases that may be about the same, the newest few. @throws DipperError REQUEST_INVALID */
  findDuplicates(query: DuplicateQuery & Pick<LocationFilter, 'within'>): Promise<CaseBrief[]>;
}

export interface EventFilter extends LocationFilter {
  readonly type?: string;
  readonly retention?: RetentionClass;
  readonly agent?: string;
  readonly device?: string;
  readonly correlation?: string;
  /** `occurredAt` from this instant on, RFC 3339. */
  readonly from?: string;
  /** `occurredAt` before this instant, RFC 3339. */
  readonly until?: string;
}

export interface EventService {
  list(query: PageQuery & EventFilter): Promise<Page<EventView>>;
  findMany(ids: readonly string[]): Promise<EventView[]>;
  /** The events that rows of `change` of kind `event` tell of, whose ids name runs of them; in the order of those. */
  findSpans(names: readonly string[]): Promise<EventView[]>;
  get(id: string): Promise<EventView>;
  /** Which agent keeps a captured picture, from the event that names it; undefined when no event does. */
  findMedia(ref: string): Promise<StoredMedia | undefined>;
}

export interface StoredMedia {
  readonly ref: string;
  readonly mime: string;
  readonly expiresAt: string;
  readonly estate: string;
  readonly agent: string;
  readonly device: string | null;
  readonly event: string;
}

export interface DeviceFilter extends LocationFilter {
  readonly agent?: string;
  readonly kind?: 'camera' | 'gate';
}

export interface DeviceService {
  list(query: PageQuery & DeviceFilter): Promise<Page<DeviceView>>;
  findMany(ids: readonly string[]): Promise<DeviceView[]>;
  find(id: string): Promise<DeviceView | undefined>;
  get(id: string): Promise<DeviceView>;
}

export interface AgentService {
  list(query: PageQuery & Omit<LocationFilter, 'place'>): Promise<Page<AgentView>>;
  findMany(ids: readonly string[]): Promise<AgentView[]>;
  get(id: string): Promise<AgentView>;
  /**
   * The newest challenge of an agent, to be quoted by a command.
   * @throws DipperError AGENT_OFFLINE when it is not online or has given out none
   */
  challenge(address: TopicAddress): Promise<string>;
}

export interface PlaceService {
  list(query: PageQuery & LocationFilter & { readonly grid?: string }): Promise<Page<PlaceView>>;
  get(id: string): Promise<PlaceView>;
}

/** One row of the table `change`, written in the transaction that changed something. */
export interface Change {
  /** Opaque; pass it back as `after`. */
  readonly cursor: string;
  readonly kind: FeedKind;
  readonly id: string;
  readonly change: 'created' | 'updated';
}

export interface ChangeReader {
  /** The cursor behind everything that has been committed so far. */
  head(): Promise<string>;
  /**
   * Changes behind a cursor, in an order that is the same for every reader and never grows a gap: nothing above the
   * oldest running transaction is shown yet.
   * @throws DipperError CURSOR_INVALID also when the cursor is older than what is kept
   */
  read(after: string, limit: number): Promise<Change[]>;
  /** Calls back when there may be something new to read (own commits at once, others' within 200 ms). */
  onChange(listener: () => void): () => void;
}

/** What passes between hub and edges beside events: commands out, results in. */
export interface EdgeMessenger {
  /** Publishes a signed command. @throws DipperError AGENT_OFFLINE when the broker cannot be reached */
  publishCommand(address: TopicAddress, jws: string): Promise<void>;
  /** Announces a signed access policy; the broker keeps it. @throws DipperError AGENT_OFFLINE as `publishCommand` */
  publishPolicy(address: TopicAddress, jws: string): Promise<void>;
  /** Since when the broker is there, by the monotonic clock; undefined while it is not. */
  connectedSince(): number | undefined;
  /** Every outcome that any agent of any command tells; returns what ends the listening. */
  onResult(listener: (address: TopicAddress, result: ResultMessage) => void): () => void;
}
