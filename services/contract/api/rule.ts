import { type Static, Type } from 'typebox';
import { Slug } from '../identifiers.ts';
import { LocalText, Priority } from './alarm.ts';
import { nullable } from './nullable.ts';

const Instant = Type.String({ format: 'date-time' });

/** One rule as in config/rules.yaml; a rule of all possible keys has some forty lines. */
export const RuleYaml = Type.String({
  minLength: 1,
  maxLength: 8_192,
  examples: [
    'id: crowd-at-gate\non: [face.captured]\npriority: low\ntitle: { zh: "{place}人员聚集", en: "Many people at {place}" }\nkey: "{place}"\ncount: { atLeast: 20, withinSec: 60 }\nclear: { afterMin: 5 }\n',
  ],
});

/** Where a rule comes from: `file` is config/rules.yaml, read at the start and changed only there. */
export const RuleOrigin = Type.Enum(['file', 'database']);

export const RuleView = Type.Object({
  id: Slug,
  origin: RuleOrigin,
  /** Counts changes; null for rules of the file. */
  version: nullable(Type.Integer({ minimum: 1 })),
  enabled: Type.Boolean(),
  /** Null where the rule cannot be read any more. */
  priority: nullable(Priority),
  title: nullable(LocalText),
  safetyCritical: Type.Boolean(),
  yaml: Type.String(),
  /** Why it is not in force though it is enabled; empty otherwise. */
  problems: Type.Array(Type.String()),
  changedAt: nullable(Instant),
  changedBy: nullable(Type.String()),
});
export type RuleView = Static<typeof RuleView>;

/** One change of a rule: who, when and why. */
export const RuleVersion = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  enabled: Type.Boolean(),
  yaml: Type.String(),
  at: Instant,
  by: Type.String(),
  note: Type.String(),
});
export type RuleVersion = Static<typeof RuleVersion>;

const Note = Type.String({ minLength: 1, maxLength: 512, examples: ['Asked for by the estate.'] });

export const NewRule = Type.Object(
  { yaml: RuleYaml, enabled: Type.Optional(Type.Boolean()), note: Note },
  { additionalProperties: false },
);
export type NewRule = Static<typeof NewRule>;

export const RuleChange = Type.Object(
  {
    /** The version that was looked at. */
    version: Type.Integer({ minimum: 1 }),
    yaml: Type.Optional(RuleYaml),
    enabled: Type.Optional(Type.Boolean()),
    note: Note,
  },
  { additionalProperties: false },
);
export type RuleChange = Static<typeof RuleChange>;

export const RuleDryRun = Type.Object(
  { yaml: RuleYaml, from: Instant, until: Instant },
  { additionalProperties: false },
);
export type RuleDryRun = Static<typeof RuleDryRun>;

export const DryRunAlarm = Type.Object({
  key: Type.String(),
  title: LocalText,
  raisedAt: Instant,
  clearedAt: nullable(Instant),
  occurrences: Type.Integer({ minimum: 1 }),
});
export type DryRunAlarm = Static<typeof DryRunAlarm>;

/** What a rule would have done in a time. */
export const DryRunResult = Type.Object({
  alarms: Type.Integer({ minimum: 0 }),
  /** The first hundred. */
  first: Type.Array(DryRunAlarm),
  /** By days of UTC, those without alarms left out. */
  perDay: Type.Array(Type.Object({ day: Type.String(), alarms: Type.Integer({ minimum: 1 }) })),
  /** Events that were looked at. */
  events: Type.Integer({ minimum: 0 }),
  tookMs: Type.Integer({ minimum: 0 }),
});
export type DryRunResult = Static<typeof DryRunResult>;
