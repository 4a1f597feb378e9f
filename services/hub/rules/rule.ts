import { LocalText, Priority } from '@dipper/contract/api/alarm';
import { Platform } from '@dipper/contract/api/case';
import { Slug } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';
import { AlarmThresholdSettings } from '../domains/alarm/alarm-thresholds.ts';
import { TRIGGER_TYPES } from './subject.ts';

const strict = { additionalProperties: false };

const Triggers = Type.Array(Type.Enum([...TRIGGER_TYPES]), { minItems: 1 });
/** Conditions by name with their parameters; all must hold. Checked against the registry, not by this schema. */
const When = Type.Record(Type.String(), Type.Unknown());

/** How an alarm ends: exactly one of the ways. */
const Clear = Type.Object(
  {
    /** By an event of these types with the same key, if `when` holds. */
    on: Type.Optional(Triggers),
    when: Type.Optional(When),
    /** By itself, so many minutes after the last occurrence. */
    afterMin: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 7 * 24 * 60 })),
    /** By the person who acknowledges it. */
    byHand: Type.Optional(Type.Literal(true)),
    /** By the next event that the rule misses; only with `absence`. */
    onReturn: Type.Optional(Type.Literal(true)),
  },
  strict,
);

/** Only so many events with the same key within a time raise the alarm. */
const Count = Type.Object(
  {
    atLeast: Type.Integer({ minimum: 2, maximum: 1000 }),
    withinSec: Type.Number({ exclusiveMinimum: 0, maximum: 24 * 3600 }),
  },
  strict,
);

/** Nothing of the kind for so long since it was last heard of, per key: the alarm is the silence. */
const Absence = Type.Object(
  {
    forMin: Type.Number({ exclusiveMinimum: 0, maximum: 7 * 24 * 60 }),
    /** Only time within the hours of the place counts; all of it where no hours are set. */
    during: Type.Optional(Type.Literal('hours')),
  },
  strict,
);

/** Another event with the same key, so long before or after. */
const Witness = Type.Object(
  {
    on: Triggers,
    when: Type.Optional(When),
    beforeSec: Type.Optional(Type.Number({ minimum: 0, maximum: 3600 })),
    afterSec: Type.Optional(Type.Number({ minimum: 0, maximum: 3600 })),
  },
  strict,
);
export type Witness = Static<typeof Witness>;

const CaseTemplate = Type.Object(
  {
    /** One of config/case-categories.yaml. */
    category: Slug,
    /** That of the category when absent. */
    platform: Type.Optional(Platform),
    title: LocalText,
    /** Round the clock; the time that the category allows when absent. */
    deadlineHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 24 * 90 })),
    /** That of the alarm when absent. */
    priority: Type.Optional(Priority),
  },
  strict,
);
export type CaseTemplate = Static<typeof CaseTemplate>;

/** When an alarm is raised, what it says, how it ends, and what work it makes. */
export const Rule = Type.Object(
  {
    id: Slug,
    on: Triggers,
    when: Type.Optional(When),
    priority: Priority,
    /** Its alarms are never shelved, out of service or suppressed. */
    safetyCritical: Type.Optional(Type.Literal(true)),
    /** Shown to people; may name `{place}`, `{device}`, `{estate}`, `{agent}`. */
    title: LocalText,
    /** One active alarm per rule and key, from the same names. */
    key: Type.String({ minLength: 1, maxLength: 200 }),
    clear: Clear,
    /** Raised only when nothing clears it for so long (ISA-18.2 §11.6, on-delay). */
    onDelaySec: Type.Optional(Type.Number({ minimum: 0, maximum: 3600 })),
    /** Cleared only when nothing raises it again for so long (ISA-18.2 §11.6, off-delay). */
    offDelaySec: Type.Optional(Type.Number({ minimum: 0, maximum: 3600 })),
    count: Type.Optional(Count),
    absence: Type.Optional(Absence),
    /** Raised only where this was told too. */
    with: Type.Optional(Witness),
    /** Raised only where this was not told: "forced, and no grant within 10 s". */
    without: Type.Optional(Witness),
    /** While its alarm is active, the alarms of the same agent's devices are silenced and counted. */
    suppressesDevices: Type.Optional(Type.Literal(true)),
    case: Type.Optional(CaseTemplate),
  },
  strict,
);
export type Rule = Static<typeof Rule>;

/** config/rules.yaml */
export const RulesFile = Type.Object(
  {
    /** Alarms of one place belong to one incident when they come within so many minutes of each other. */
    incidentWindowMin: Type.Number({ exclusiveMinimum: 0, maximum: 24 * 60 }),
    /** An agent that has said nothing for so long counts as offline; agents speak every minute. */
    agentSilenceSec: Type.Number({ minimum: 90, maximum: 24 * 3600 }),
    /** What counts as chattering, stale, a flood, in time. */
    thresholds: Type.Optional(AlarmThresholdSettings),
    rules: Type.Array(Rule, { minItems: 1 }),
  },
  strict,
);
export type RulesFile = Static<typeof RulesFile>;

/** Names that texts and keys may use. */
export const PLACEHOLDERS = ['estate', 'agent', 'place', 'device'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** The names that a template uses, known or not. */
export function placeholdersIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '');
}

/** Fills a template in. */
export function fillTemplate(template: string, textOf: (name: Placeholder) => string): string {
  return template.replaceAll(PLACEHOLDER, (_, name: string) => textOf(name as Placeholder));
}
