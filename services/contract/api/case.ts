import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText, Priority } from './alarm.ts';
import { CaseAttachment } from './case-attachment.ts';
import { nullable } from './nullable.ts';
import { Role } from './session.ts';

const strict = { additionalProperties: false };

/**
 * 上报 → 立案 → 交办 → 接收 → 处置 → 核查 → 结案, or returned to the dispatcher, or voided, or merged into the case of
 * the same thing.
 */
export const CASE_STATES = [
  'reported',
  'established',
  'dispatched',
  'accepted',
  'handled',
  'verified',
  'closed',
  'voided',
  'merged',
] as const;
export const CaseState = Type.Enum(CASE_STATES);
export type CaseState = Static<typeof CaseState>;

/** Nobody works on it any more. */
export const ENDED_CASE_STATES = ['closed', 'voided', 'merged'] as const satisfies readonly CaseState[];

/** What one person asks for and another one approves: 退回, 作废, 挂起 (the deadline's clock stops), 延期. */
export const CASE_REQUESTS = ['return', 'void', 'suspend', 'extend'] as const;
export const CaseRequestAction = Type.Enum(CASE_REQUESTS);
export type CaseRequestAction = Static<typeof CaseRequestAction>;

/**
 * What a person does to a case. `recall` takes back a dispatch that nobody accepted, `reject` sends work back to the
 * handler, `supervise` is 督办, `entrust` makes a leader own it (包案). While a request waits for its approval, nothing
 * moves the case but `approve`, `refuse` and `withdraw`; while it is suspended, nothing but `resume`.
 */
export const CASE_ACTIONS = [
  'establish',
  'dispatch',
  'recall',
  'accept',
  'handle',
  'verify',
  'reject',
  'close',
  'return',
  'void',
  'suspend',
  'extend',
  'approve',
  'refuse',
  'withdraw',
  'resume',
  'supervise',
  'entrust',
  'merge',
  'unmerge',
  'reopen',
  'comment',
] as const;
export const CaseAction = Type.Enum(CASE_ACTIONS);
export type CaseAction = Static<typeof CaseAction>;

/**
 * What steps tell besides: the report; another case merged into this one (`absorb`) or taken out again (`release`);
 * a picture added; and what the clock did: a reminder, an escalation.
 */
export const CASE_OCCURRENCES = ['report', 'absorb', 'release', 'attach', 'remind', 'escalate', 'rate'] as const;
export const CaseStepAction = Type.Enum([...CASE_ACTIONS, ...CASE_OCCURRENCES]);
export type CaseStepAction = Static<typeof CaseStepAction>;

/** 四平台: 综治工作, 市场监管, 综合执法, 便民服务. */
export const PLATFORMS = ['public-security', 'market-supervision', 'law-enforcement', 'convenience'] as const;
export const Platform = Type.Enum(PLATFORMS);
export type Platform = Static<typeof Platform>;

export const CASE_SOURCES = ['alarm', 'patrol', 'resident', 'hotline', 'letter', 'visit'] as const;
export const CaseSource = Type.Enum(CASE_SOURCES);
export type CaseSource = Static<typeof CaseSource>;

/** What a resident says of how it was dealt with: 满意, 基本满意, 不满意. */
export const Satisfaction = Type.Enum(['satisfied', 'neutral', 'dissatisfied']);
export type Satisfaction = Static<typeof Satisfaction>;

const AccountName = Type.String({ minLength: 1, maxLength: 64 });
const Note = Type.String({ minLength: 1, maxLength: 2000 });

/** What somebody has asked for and somebody else has to decide. */
export const CaseRequest = Type.Object(
  {
    action: CaseRequestAction,
    by: Type.String(),
    byName: nullable(Type.String()),
    at: Timestamp,
    note: nullable(Type.String()),
    /** The deadline that is asked for, by `extend`. */
    until: nullable(Timestamp),
  },
  strict,
);
export type CaseRequest = Static<typeof CaseRequest>;

/** 网格事件: work for people. Names of people are display names; null where there is no such account. */
export const GridCase = Type.Object(
  {
    id: Uuid,
    /** For people, e.g. `20261124-0007`. */
    number: Type.String(),
    title: LocalText,
    /** What whoever reported it wrote. */
    text: nullable(Type.String()),
    category: Slug,
    platform: Platform,
    priority: Priority,
    source: CaseSource,
    state: CaseState,
    /** Send it back with a step: whoever decided on an older version gets 409. */
    version: Type.Integer({ minimum: 1 }),
    /** Counts reopenings, from 1. */
    round: Type.Integer({ minimum: 1 }),
    /** At least one of estate and grid is there. */
    estate: nullable(Slug),
    place: nullable(Slug),
    grid: nullable(Slug),
    incident: nullable(Uuid),
    assignee: nullable(Type.String()),
    assigneeName: nullable(Type.String()),
    /** 首办责任: to whom it was first given; stays responsible whoever works on it later. */
    firstHandler: nullable(Type.String()),
    firstHandlerName: nullable(Type.String()),
    /** 包案: the leader who owns it. */
    leader: nullable(Type.String()),
    leaderName: nullable(Type.String()),
    openedAt: Timestamp,
    /** Stands still while the case is suspended; moved by as much when it is resumed. */
    deadlineAt: Timestamp,
    /** By the hub's clock, when this was answered. */
    overdue: Type.Boolean(),
    suspendedAt: nullable(Timestamp),
    closedAt: nullable(Timestamp),
    request: nullable(CaseRequest),
    /** 督办, since when; null while nobody supervises it. */
    supervisedAt: nullable(Timestamp),
    /** The case it was merged into. */
    mergedInto: nullable(Uuid),
    /** Of its present round. */
    satisfaction: nullable(Satisfaction),
    /** What the account that asks may do next. */
    actions: Type.Array(CaseAction),
  },
  strict,
);
export type GridCase = Static<typeof GridCase>;

/** One step that was taken; never changed. */
export const CaseStep = Type.Object(
  {
    id: Uuid,
    action: CaseStepAction,
    from: nullable(CaseState),
    to: CaseState,
    round: Type.Integer({ minimum: 1 }),
    /** Account name, `rule:<id>`, `clock` (what the hub does by time) or `resident`. */
    by: Type.String(),
    byName: nullable(Type.String()),
    note: nullable(Type.String()),
    /** When the hub took it in. */
    at: Timestamp,
    /** When it was done, by whoever did it; `at` for what was done online. */
    takenAt: Timestamp,
    /** The time that was claimed could not be (future, or before the step that it follows) and was moved to the nearest that can. */
    clamped: Type.Boolean(),
    /** To whom: of `dispatch` and `entrust`. */
    assignee: nullable(Type.String()),
    assigneeName: nullable(Type.String()),
    /** What was approved, refused or withdrawn. */
    request: nullable(CaseRequestAction),
    /** The deadline asked for, of `extend`. */
    until: nullable(Timestamp),
    /** The deadline after it. */
    deadlineAt: Timestamp,
    /** The other case: of `merge`, `unmerge`, `absorb`, `release`. */
    other: nullable(Uuid),
    attachment: nullable(Uuid),
    /** What the resident said, of `rate`. */
    rating: nullable(Satisfaction),
  },
  strict,
);
export type CaseStep = Static<typeof CaseStep>;

export const CaseStepRequest = Type.Object(
  {
    action: CaseAction,
    version: Type.Integer({ minimum: 1 }),
    /** Needed by `return`, `void`, `suspend`, `extend`, `refuse` and `supervise`. */
    note: Type.Optional(Note),
    /** Account name; needed by `dispatch` and `entrust`. */
    assignee: Type.Optional(AccountName),
    /** The deadline that is asked for; needed by `extend`. */
    until: Type.Optional(Timestamp),
    /** The case that stays; needed by `merge`. */
    into: Type.Optional(Uuid),
    /** Of this step alone: sent again with it, a step is taken once and answered as the first time. */
    key: Type.Optional(Uuid),
    /** When it was done, for what was done offline. */
    takenAt: Type.Optional(Timestamp),
  },
  strict,
);
export type CaseStepRequest = Static<typeof CaseStepRequest>;

/** Somebody who can be given a case. */
export const Assignee = Type.Object(
  { name: Type.String(), displayName: Type.String(), roles: Type.Array(Role) },
  strict,
);
export type Assignee = Static<typeof Assignee>;

/** Another case, as much as one needs to recognize it. */
export const CaseBrief = Type.Object(
  { id: Uuid, number: Type.String(), title: LocalText, state: CaseState, openedAt: Timestamp },
  strict,
);
export type CaseBrief = Static<typeof CaseBrief>;

export const CaseDetail = Type.Object(
  {
    case: GridCase,
    steps: Type.Array(CaseStep),
    alarms: Type.Array(Uuid),
    attachments: Type.Array(CaseAttachment),
    /** Open cases of the same category, place and time: perhaps the same thing. */
    duplicates: Type.Array(CaseBrief),
    /** Cases that were merged into this one. */
    merged: Type.Array(CaseBrief),
    /** A worker of its grid, the least loaded one; null when there is none, or the case has been given to somebody. */
    suggestedAssignee: nullable(Assignee),
  },
  strict,
);
export type CaseDetail = Static<typeof CaseDetail>;
