import { Code } from '@dipper/contract/identifiers';
import { type Static, type TSchema, Type } from 'typebox';
import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { Subject } from './subject.ts';

export interface ConditionContext {
  readonly places: PlaceDirectory;
}

/** Something a rule may ask about a subject, with the parameters that the rules file gives. Pure, and may throw. */
export interface Condition<S extends TSchema = TSchema> {
  readonly parameters: S;
  holds(subject: Subject, parameters: Static<S>, context: ConditionContext): boolean;
}

/** Conditions by the name under which the rules file calls them. */
export type ConditionRegistry = Readonly<Record<string, Condition>>;

/** Types the parameters of a condition by their schema. */
export function defineCondition<S extends TSchema>(condition: Condition<S>): Condition {
  return condition as unknown as Condition;
}

/** The conditions that config/rules.yaml may use. */
export const CONDITIONS: ConditionRegistry = {
  /** At a place that has hours, outside them. Places without hours are never outside. */
  'outside-hours': defineCondition({
    parameters: Type.Literal(true),
    holds: (subject, _parameters, { places }) =>
      subject.place !== null && places.isOpen(subject.place, subject.occurredAt) === false,
  }),
  /** The event says that something began, or ended. */
  phase: defineCondition({
    parameters: Type.Enum(['started', 'ended']),
    holds: (subject, phase) => subject.data['phase'] === phase,
  }),
  /** How a camera was tampered with. */
  kind: defineCondition({
    parameters: Type.Enum(['covered', 'moved']),
    holds: (subject, kind) => subject.data['kind'] === kind,
  }),
  /** The cause that the event names is one of these codes. */
  cause: defineCondition({
    parameters: Type.Array(Code, { minItems: 1 }),
    holds: (subject, causes) => causes.some((cause) => cause === subject.data['cause']),
  }),
};
