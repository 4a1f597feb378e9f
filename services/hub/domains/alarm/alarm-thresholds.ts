import { PRIORITIES, type Priority } from '@dipper/contract/api/alarm';
import { MAX_SHELF_MIN } from '@dipper/contract/api/shelf';
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };
const Seconds = Type.Number({ exclusiveMinimum: 0, maximum: 24 * 3600 });

/** `thresholds` of config/rules.yaml: what counts as a bad actor. What is left out is as in `DEFAULT_THRESHOLDS`. */
export const AlarmThresholdSettings = Type.Object(
  {
    /** So many raises of one rule and key within so long. */
    chatter: Type.Optional(
      Type.Object({ raises: Type.Integer({ minimum: 2, maximum: 100 }), withinSec: Seconds }, strict),
    ),
    staleAfterHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 24 * 365 })),
    /** More than so many announced per operator within so long; over when fewer than `endsBelow` are. */
    flood: Type.Optional(
      Type.Object(
        {
          alarms: Type.Integer({ minimum: 1, maximum: 1000 }),
          withinMin: Type.Number({ exclusiveMinimum: 0, maximum: 24 * 60 }),
          endsBelow: Type.Integer({ minimum: 1, maximum: 1000 }),
        },
        strict,
      ),
    ),
    /** Operators on duty at the same time. */
    operators: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** What "acknowledged in time" means. */
    acknowledgeWithinSec: Type.Optional(
      Type.Object(
        { critical: Seconds, high: Seconds, medium: Seconds, low: Seconds } satisfies Record<Priority, unknown>,
        strict,
      ),
    ),
    longestShelfHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: MAX_SHELF_MIN / 60 })),
  },
  strict,
);
export type AlarmThresholdSettings = Static<typeof AlarmThresholdSettings>;
export type AlarmThresholds = Required<AlarmThresholdSettings>;

/**
 * Sources: ANSI/ISA-18.2-2016 clause 16 (monitoring and assessment) and EEMUA 191. Chatter: three or more in a minute.
 * Stale: active for more than 24 hours. Flood: more than ten in ten minutes for one operator, until fewer than five are.
 * How soon to acknowledge and how long to shelve the standards leave to the site: ours are the way across the security
 * room for what is critical, and one shift.
 */
export const DEFAULT_THRESHOLDS: AlarmThresholds = {
  chatter: { raises: 3, withinSec: 60 },
  staleAfterHours: 24,
  flood: { alarms: 10, withinMin: 10, endsBelow: 5 },
  operators: 1,
  acknowledgeWithinSec: { critical: 60, high: 300, medium: 900, low: 3600 },
  longestShelfHours: 12,
};

/** @param settings those of the rules file */
export function thresholdsFrom(settings: AlarmThresholdSettings | undefined): AlarmThresholds {
  return { ...DEFAULT_THRESHOLDS, ...settings };
}

/** Before this instant an alarm that is still active is stale. */
export function staleBefore({ staleAfterHours }: AlarmThresholds, now: Date): Date {
  return new Date(now.getTime() - staleAfterHours * 3_600_000);
}

/** How long an alarm of each priority may wait to be acknowledged, most urgent first. */
export function responseTimes({ acknowledgeWithinSec }: AlarmThresholds): readonly [Priority, number][] {
  return PRIORITIES.map((priority) => [priority, acknowledgeWithinSec[priority]]);
}
