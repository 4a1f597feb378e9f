import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { EpisodeTerms } from './episodes.ts';
import type { Rule } from './rule.ts';

const MINUTE_MS = 60_000;
/** A place that opens at all does so within this time; one that never does is never missed. */
const MAX_WAIT_MS = 60 * 24 * 60 * MINUTE_MS;

/**
 * Whether one event does not decide about a rule: what was told before, or will be told, counts as well. Such rules keep
 * their facts; the others are judged event by event.
 */
export function keepsFacts(rule: Rule): boolean {
  return (
    rule.count !== undefined ||
    rule.absence !== undefined ||
    rule.with !== undefined ||
    rule.without !== undefined ||
    (rule.offDelaySec ?? 0) > 0
  );
}

/** How a rule reads the facts of a key. @param place where the key is, for hours */
export function termsOf(rule: Rule, places: PlaceDirectory, place: string | null): EpisodeTerms {
  const { count, absence } = rule;
  const witness = rule.with ?? rule.without;
  return {
    onDelayMs: (rule.onDelaySec ?? 0) * 1_000,
    offDelayMs: (rule.offDelaySec ?? 0) * 1_000,
    afterMs: rule.clear.afterMin === undefined ? undefined : rule.clear.afterMin * MINUTE_MS,
    count: count === undefined ? undefined : { atLeast: count.atLeast, withinMs: count.withinSec * 1_000 },
    correlation:
      witness === undefined
        ? undefined
        : {
            with: rule.with !== undefined,
            beforeMs: (witness.beforeSec ?? 0) * 1_000,
            afterMs: (witness.afterSec ?? 0) * 1_000,
          },
    absence:
      absence === undefined
        ? undefined
        : {
            dueAfter: (sign) =>
              absence.during === undefined || place === null
                ? sign + absence.forMin * MINUTE_MS
                : afterOpenTime(places, place, sign, absence.forMin * MINUTE_MS),
          },
  };
}

/** When a place has been open for so long since an instant, to the minute. */
function afterOpenTime(places: PlaceDirectory, place: string, since: number, forMs: number): number {
  let openMs = 0;
  for (let at = since; at < since + MAX_WAIT_MS; at += MINUTE_MS) {
    // Where no hours are set all time counts.
    if (places.isOpen(place, new Date(at)) === false) continue;
    openMs += Math.min(MINUTE_MS, forMs - openMs);
    if (openMs >= forMs) return at + MINUTE_MS;
  }
  return Number.POSITIVE_INFINITY;
}
