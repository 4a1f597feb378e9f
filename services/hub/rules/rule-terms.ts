import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { EpisodeTerms } from './episodes.ts';
import type { Rule } from './rule.ts';

const MINUTE_MS = 60_000;
/** Hours repeat every week: what has been closed for longer never opens. */
const MAX_CLOSED_MS = 8 * 24 * 60 * MINUTE_MS;

/**
 * Whether one event does not decide about a rule: what was told before, or will be told, counts as well. Such rules keep
 * their facts. The others, whose alarms last for some time after the last event or until somebody sees to them, are
 * judged event by event: faces come by the thousand.
 */
export function keepsFacts(rule: Rule): boolean {
  return (
    rule.count !== undefined ||
    rule.absence !== undefined ||
    rule.with !== undefined ||
    rule.without !== undefined ||
    rule.clear.on !== undefined ||
    (rule.onDelaySec ?? 0) > 0
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
            atLeastMs: absence.forMin * MINUTE_MS,
            dueAfter: (sign) =>
              absence.during === undefined || place === null
                ? sign + absence.forMin * MINUTE_MS
                : afterOpenTime(places, place, sign, absence.forMin * MINUTE_MS),
          },
  };
}

/** When a place has been open for so long since an instant, to the minute; never where it never opens. */
function afterOpenTime(places: PlaceDirectory, place: string, since: number, forMs: number): number {
  const hours = places.find(place)?.hours;
  if (hours === undefined) return since + forMs;
  if (hours.weekly === undefined) return Number.POSITIVE_INFINITY;
  let openMs = 0;
  let openUntil = since;
  for (let at = since; at - openUntil < MAX_CLOSED_MS; at += MINUTE_MS) {
    if (places.isOpen(place, new Date(at)) !== true) continue;
    openUntil = at + MINUTE_MS;
    openMs += MINUTE_MS;
    if (openMs >= forMs) return openUntil;
  }
  return Number.POSITIVE_INFINITY;
}
