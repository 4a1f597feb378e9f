import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText, Priority } from './alarm.ts';
import { nullable } from './nullable.ts';
import { Role } from './session.ts';

const strict = { additionalProperties: false };

/** 上报 → 立案 → 交办 → 接收 → 处置 → 核查 → 结案, or returned to the dispatcher, or voided. */
export const CASE_STATES = [
  'reported',
  'established',
  'dispatched',
  'accepted',
  'handled',
  'verified',
  'closed',
  'voided',
] as const;
export const CaseState = Type.Enum(CASE_STATES);
export type CaseState = Static<typeof CaseState>;

/** What a person does to a case. `return` sends it back to the dispatcher, `reject` sends it back to the handler. */
export const CASE_ACTIONS = [
  'establish',
  'dispatch',
  'accept',
  'return',
  'handle',
  'verify',
  'reject',
  'close',
  'void',
  'reopen',
  'comment',
] as const;
export const CaseAction = Type.Enum(CASE_ACTIONS);
export type CaseAction = Static<typeof CaseAction>;

/** 四平台 */
export const PLATFORMS = ['public-security', 'market-supervision', 'law-enforcement', 'convenience'] as const;
export const Platform = Type.Enum(PLATFORMS);
export type Platform = Static<typeof Platform>;

export const CaseSource = Type.Enum(['alarm', 'patrol', 'resident', 'hotline', 'letter', 'visit']);

/** 网格事件: work for people. */
export const GridCase = Type.Object(
  {
    id: Uuid,
    /** For people, e.g. `20261124-0007`. */
    number: Type.String(),
    title: LocalText,
    category: Slug,
    platform: Platform,
    priority: Priority,
    source: CaseSource,
    state: CaseState,
    /** Send it back with a step: whoever decided on an older version gets 409. */
    version: Type.Integer({ minimum: 1 }),
    estate: Slug,
    place: nullable(Slug),
    grid: nullable(Slug),
    incident: nullable(Uuid),
    assignee: nullable(Type.String()),
    openedAt: Timestamp,
    deadlineAt: Timestamp,
    closedAt: nullable(Timestamp),
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
    action: Type.Union([CaseAction, Type.Literal('report')]),
    from: nullable(CaseState),
    to: CaseState,
    by: Type.String(),
    note: nullable(Type.String()),
    at: Timestamp,
  },
  strict,
);
export type CaseStep = Static<typeof CaseStep>;

export const CaseStepRequest = Type.Object(
  {
    action: CaseAction,
    version: Type.Integer({ minimum: 1 }),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    /** Account name; needed by `dispatch`. */
    assignee: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
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

export const CaseDetail = Type.Object(
  { case: GridCase, steps: Type.Array(CaseStep), alarms: Type.Array(Uuid) },
  strict,
);
export type CaseDetail = Static<typeof CaseDetail>;
