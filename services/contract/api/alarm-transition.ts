import { type Static, Type } from 'typebox';
import { Timestamp } from '../identifiers.ts';
import { nullable } from './nullable.ts';

/** How an alarm's state changes (ISA-18.2 §5.4); `moved`: to another incident, by a join or a split. */
export const ALARM_TRANSITIONS = [
  'raised',
  'cleared',
  'acknowledged',
  'suppressed',
  'released',
  'shelved',
  'unshelved',
  'taken-out-of-service',
  'returned-to-service',
  'moved',
] as const;
export const AlarmTransitionKind = Type.Enum(ALARM_TRANSITIONS);
export type AlarmTransitionKind = Static<typeof AlarmTransitionKind>;

/** One change of an alarm's state; never changed itself. */
export const AlarmTransition = Type.Object(
  {
    what: AlarmTransitionKind,
    at: Timestamp,
    /** Account name; null where a rule or the clock did it. */
    by: nullable(Type.String()),
    byName: nullable(Type.String()),
    /** What whoever did it wrote: the reason, where one is asked for. */
    note: nullable(Type.String()),
  },
  { additionalProperties: false },
);
export type AlarmTransition = Static<typeof AlarmTransition>;

/** Every transition of one alarm, oldest first. */
export const AlarmHistory = Type.Object({ transitions: Type.Array(AlarmTransition) }, { additionalProperties: false });
export type AlarmHistory = Static<typeof AlarmHistory>;
