import { PlaceKind } from '@dipper/contract/api/inventory';
import { Code, Slug } from '@dipper/contract/identifiers';
import { type Static, type TSchema, Type } from 'typebox';
import { isOpenAt, isTimeZone, OpeningHours } from '../domains/place/opening-hours.ts';
import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { Subject } from './subject.ts';

export interface ConditionContext {
  readonly places: PlaceDirectory;
}

/** Something a rule may ask about a subject, with the parameters that the rules file gives. Pure, and may throw. */
export interface Condition<S extends TSchema = TSchema> {
  readonly parameters: S;
  holds(subject: Subject, parameters: Static<S>, context: ConditionContext): boolean;
  /** What is wrong with parameters that match the schema; undefined when nothing is. */
  problem?(parameters: Static<S>): string | undefined;
}

/** Conditions by the name under which the rules file calls them. */
export type ConditionRegistry = Readonly<Record<string, Condition>>;

/** Types the parameters of a condition by their schema. */
export function defineCondition<S extends TSchema>(condition: Condition<S>): Condition {
  return condition as unknown as Condition;
}

const oneOf = <S extends TSchema>(name: S) => Type.Array(name, { minItems: 1, maxItems: 200 });

const Weekly = Type.Object(
  { timeZone: OpeningHours.properties.timeZone, ...OpeningHours.properties.weekly.properties },
  { additionalProperties: false, minProperties: 1 },
);

/** The conditions that config/rules.yaml may use. */
export const CONDITIONS: ConditionRegistry = {
  /** At a place that has hours, outside them. Places without hours are never outside. */
  'outside-hours': defineCondition({
    parameters: Type.Literal(true),
    holds: (subject, _parameters, { places }) =>
      subject.place !== null && places.isOpen(subject.place, subject.occurredAt) === false,
  }),
  /** At a place that has hours, within them. */
  'inside-hours': defineCondition({
    parameters: Type.Literal(true),
    holds: (subject, _parameters, { places }) =>
      subject.place !== null && places.isOpen(subject.place, subject.occurredAt) === true,
  }),
  /** Within a weekly table like the hours of a place; in the time zone of the place, or UTC, unless one is given. */
  weekly: defineCondition({
    parameters: Weekly,
    holds: (subject, { timeZone, ...weekly }, { places }) => {
      const zone = timeZone ?? (subject.place === null ? undefined : places.find(subject.place)?.hours?.timeZone);
      return isOpenAt({ weekly, ...(zone === undefined ? {} : { timeZone: zone }) }, subject.occurredAt);
    },
    problem: ({ timeZone }) =>
      timeZone === undefined || isTimeZone(timeZone) ? undefined : `there is no time zone '${timeZone}'`,
  }),
  place: defineCondition({
    parameters: oneOf(Slug),
    holds: ({ place }, ids) => place !== null && ids.includes(place),
  }),
  'place-kind': defineCondition({
    parameters: oneOf(PlaceKind),
    holds: ({ place }, kinds, { places }) => {
      const kind = place === null ? undefined : places.find(place)?.kind;
      return kind !== undefined && kinds.includes(kind);
    },
  }),
  grid: defineCondition({
    parameters: oneOf(Slug),
    holds: ({ place }, ids, { places }) => {
      const grid = place === null ? undefined : places.find(place)?.grid;
      return grid !== undefined && ids.includes(grid);
    },
  }),
  estate: defineCondition({
    parameters: oneOf(Slug),
    holds: ({ estate }, ids) => ids.includes(estate),
  }),
  /** The event says that something began, or ended. */
  phase: defineCondition({
    parameters: Type.Enum(['started', 'ended']),
    holds: (subject, phase) => subject.data['phase'] === phase,
  }),
  /** How a camera was tampered with; `reported`: it says so itself, and not how. */
  kind: defineCondition({
    parameters: Type.Enum(['covered', 'moved', 'reported']),
    holds: (subject, kind) => subject.data['kind'] === kind,
  }),
  /** Whose clock was set: that of the edge's machine, or a camera's. */
  clock: defineCondition({
    parameters: Type.Enum(['edge', 'camera']),
    holds: (subject, clock) => subject.data['clock'] === clock,
  }),
  /** A clock was set by so much at least, ahead or back. */
  'step-sec': defineCondition({
    parameters: Type.Number({ exclusiveMinimum: 0, maximum: 10 * 365 * 24 * 3600 }),
    holds: (subject, leastSec) => Math.abs(Number(subject.data['stepMs'])) >= leastSec * 1_000,
  }),
  /** The cause that the event names is one of these codes. */
  cause: defineCondition({
    parameters: Type.Array(Code, { minItems: 1 }),
    holds: (subject, causes) => causes.some((cause) => cause === subject.data['cause']),
  }),
};
