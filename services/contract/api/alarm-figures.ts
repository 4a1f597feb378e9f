import { type Static, Type } from 'typebox';
import { Slug, Timestamp } from '../identifiers.ts';
import { Alarm, LocalText, Priority } from './alarm.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };
const Count = Type.Integer({ minimum: 0 });

/** More alarms in a short time than an operator can follow (ISA-18.2 clause 16, EEMUA 191). */
export const AlarmFlood = Type.Object(
  {
    from: Timestamp,
    /** Null while it lasts. */
    until: nullable(Timestamp),
    /** Announced from its beginning to its end. */
    alarms: Count,
    /** Most alarms within one window. */
    peak: Count,
  },
  strict,
);
export type AlarmFlood = Static<typeof AlarmFlood>;

/** What is not on the desk, and how the desk stands: shown at all times, so that nothing is hidden in silence. */
export const AlarmStanding = Type.Object(
  {
    /** Active alarms that are not announced, and why. One that is silenced for several reasons counts for each. */
    shelved: Type.Object({ entries: Count, alarms: Count }, strict),
    outOfService: Type.Object({ entries: Count, alarms: Count }, strict),
    suppressed: Type.Object({ alarms: Count }, strict),
    /** Of those that are announced. */
    stale: Count,
    chattering: Count,
    /** Null while there is none. */
    flood: nullable(AlarmFlood),
    /** What counts as a flood, for the banner's words: more than `alarms` per operator within `withinMin`. */
    floodLimit: Type.Object({ alarms: Count, withinMin: Type.Number() }, strict),
    /** For how long one may be shelved at most. */
    longestShelfMin: Type.Integer({ minimum: 1 }),
  },
  strict,
);
export type AlarmStanding = Static<typeof AlarmStanding>;

const PriorityFigures = Type.Object(
  {
    priority: Priority,
    announced: Count,
    acknowledged: Count,
    /** Acknowledged within the time of its priority. */
    inTime: Count,
    /** What that time is, `thresholds.acknowledgeWithinSec`. */
    withinSec: Type.Number(),
    /** Median seconds from announcement to acknowledgement; null where none was acknowledged. */
    medianSec: nullable(Type.Number()),
  },
  strict,
);

const Source = Type.Object(
  {
    rule: Slug,
    /** Of the latest alarm of this rule and key. */
    title: LocalText,
    estate: Slug,
    device: nullable(Slug),
    place: nullable(Slug),
    announced: Count,
    /** Of all that were announced, 0 to 1. */
    share: Type.Number(),
    chattering: Count,
  },
  strict,
);

/** How alarms load whoever is on duty, over a stretch of time (ISA-18.2 clause 16, EEMUA 191). */
export const AlarmFigures = Type.Object(
  {
    from: Timestamp,
    until: Timestamp,
    /** Operators on duty at the same time, `thresholds.operators`. */
    operators: Type.Integer({ minimum: 1 }),
    /** With sound; late ones and those that were silenced all the time are counted apart. */
    announced: Count,
    late: Count,
    silenced: Count,
    perOperatorHour: Type.Number(),
    /** Most alarms within ten minutes. */
    peakPerTenMin: Count,
    priorities: Type.Array(PriorityFigures),
    /** The ten that raised most. */
    worst: Type.Array(Source),
    /** Of all announced, how much came from those ten, 0 to 1. */
    worstShare: Type.Number(),
    floods: Type.Array(AlarmFlood),
    /** Part of the time that was a flood, 0 to 1. */
    floodShare: Type.Number(),
    /** Announced alarms in steps of `stepMin` minutes, without those in which there were none. */
    stepMin: Type.Integer({ minimum: 1 }),
    steps: Type.Array(Type.Object({ at: Timestamp, alarms: Count }, strict)),
    /** Active for longer than `thresholds.staleAfterHours`, oldest first; as of now. */
    stale: Type.Array(Alarm),
  },
  strict,
);
export type AlarmFigures = Static<typeof AlarmFigures>;
