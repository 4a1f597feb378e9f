/**
 * What came of the facts about one rule and key, told by when they happened and not by when they came: the same facts
 * make the same episodes in whatever order they arrive. Everything here is pure; instants and durations are
 * milliseconds.
 */

/** One thing that was told about a rule and key. */
export interface Fact {
  /** `trigger`: what the rule is about; `end`: that it is over; `witness`: what a correlation looks for. */
  readonly kind: 'trigger' | 'end' | 'witness';
  readonly at: number;
}

/** How a rule reads its facts. Absent: the rule asks nothing of the kind. */
export interface EpisodeTerms {
  /** ISA-18.2 §11.6: begins only when it lasts so long. */
  readonly onDelayMs: number;
  /** ISA-18.2 §11.6: over only when it stays over for so long. */
  readonly offDelayMs: number;
  /** Over so long after the last trigger. */
  readonly afterMs: number | undefined;
  /** Triggers count only when there were so many within a time, themselves included. */
  readonly count: { readonly atLeast: number; readonly withinMs: number } | undefined;
  /** Triggers count only with, or only without, a witness so long before or after them. */
  readonly correlation: { readonly with: boolean; readonly beforeMs: number; readonly afterMs: number } | undefined;
  /** Triggers are signs of life; an episode is the silence from `dueAfter` a sign until the next one. */
  readonly absence: Absence | undefined;
}

export interface Absence {
  /** When the silence after a sign becomes an episode; infinite where nothing is expected. */
  readonly dueAfter: (sign: number) => number;
  /** It never does so earlier than after so long. */
  readonly atLeastMs: number;
}

/** One alarm's time. */
export interface Episode {
  readonly from: number;
  /** The last trigger that belongs to it. */
  last: number;
  /** Undefined while it lasts. */
  until: number | undefined;
  /** Triggers that belong to it. */
  occurrences: number;
}

export interface Episodes {
  readonly episodes: readonly Episode[];
  /** When time alone changes the answer; undefined when nothing waits. */
  readonly dueAt: number | undefined;
}

/** What lasted when the facts begin: what lies before `at` belongs to it. */
export interface Beginning {
  readonly at: number;
  readonly lasting: { readonly from: number } | undefined;
}

/** How far back of a new fact the answer may change. Absence looks back to the sign before instead. */
export function reachMs(terms: EpisodeTerms): number {
  const { count, correlation } = terms;
  const correlated = correlation === undefined ? 0 : correlation.beforeMs + correlation.afterMs;
  return terms.onDelayMs + terms.offDelayMs + (terms.afterMs ?? 0) + (count?.withinMs ?? 0) + correlated;
}

/**
 * @param facts in any order, each once; those before `beginning.at` give context only
 * @param now by the hub's clock
 */
export function episodesOf(terms: EpisodeTerms, facts: readonly Fact[], now: number, beginning?: Beginning): Episodes {
  const due: number[] = [];
  const timesOf = (kind: Fact['kind']): number[] =>
    facts
      .filter((fact) => fact.kind === kind)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
  const triggers = timesOf('trigger');
  const episodes =
    terms.absence === undefined
      ? lastingEpisodes(
          terms,
          onsetsOf(terms, triggers, timesOf('witness'), now, due),
          timesOf('end'),
          now,
          due,
          beginning,
        )
      : silences(terms.absence, triggers, now, due);
  return { episodes, dueAt: due.length === 0 ? undefined : Math.min(...due) };
}

function silences(absence: Absence, signs: readonly number[], now: number, due: number[]): Episode[] {
  return signs.flatMap((sign, index) => {
    const next = signs[index + 1];
    if (next !== undefined && next <= sign + absence.atLeastMs) return [];
    const from = absence.dueAfter(sign);
    if (next !== undefined && next <= from) return [];
    if (from > now) {
      due.push(from);
      return [];
    }
    return [{ from, last: from, until: next, occurrences: 1 }];
  });
}

/** The instants from which the rule's condition holds. */
function onsetsOf(
  { count, correlation }: EpisodeTerms,
  triggers: readonly number[],
  witnesses: readonly number[],
  now: number,
  due: number[],
): readonly number[] {
  const counted =
    count === undefined
      ? triggers
      : triggers.filter((at, index) => {
          const first = triggers[lastOf(triggers, at, index) - count.atLeast + 1];
          return first !== undefined && first > at - count.withinMs;
        });
  if (correlation === undefined) return counted;
  return counted
    .flatMap((at) => {
      const first = witnesses[firstFrom(witnesses, at - correlation.beforeMs)];
      const near = first !== undefined && first <= at + correlation.afterMs ? first : undefined;
      if (correlation.with) return near === undefined ? [] : [Math.max(at, near)];
      if (near !== undefined) return [];
      const decidedAt = at + correlation.afterMs;
      if (decidedAt <= now || correlation.afterMs === 0) return [at];
      due.push(decidedAt);
      return [];
    })
    .sort((a, b) => a - b);
}

/** The index of the first of sorted instants that is not before one. */
function firstFrom(instants: readonly number[], at: number): number {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((instants[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the last of several triggers at the same instant: they count together, whichever came first. */
function lastOf(triggers: readonly number[], at: number, index: number): number {
  let last = index;
  while (triggers[last + 1] === at) last += 1;
  return last;
}

function lastingEpisodes(
  { onDelayMs, offDelayMs, afterMs }: EpisodeTerms,
  onsets: readonly number[],
  ends: readonly number[],
  now: number,
  due: number[],
  beginning: Beginning | undefined,
): Episode[] {
  const episodes: Episode[] = [];
  let current: Episode | undefined;
  let endIndex = 0;
  if (beginning?.lasting !== undefined) {
    const { from } = beginning.lasting;
    current = { from, last: from, until: undefined, occurrences: 0 };
    episodes.push(current);
  }
  /** Ends the current episode by what is known up to an instant. */
  const endBefore = (instant: number): void => {
    if (current === undefined) return;
    let until: number | undefined;
    if (afterMs !== undefined) until = current.last + afterMs;
    else {
      while ((ends[endIndex] ?? Number.POSITIVE_INFINITY) < current.last) endIndex += 1;
      const end = ends[endIndex];
      until = end === undefined ? undefined : end + offDelayMs;
    }
    if (until === undefined || until >= instant) return;
    current.until = until;
    current = undefined;
  };
  for (const at of onsets) {
    const isContext = beginning !== undefined && at < beginning.at;
    if (isContext) {
      if (current !== undefined) fold(current, at);
      continue;
    }
    endBefore(at);
    if (current !== undefined) {
      fold(current, at);
      continue;
    }
    const end = ends[firstFrom(ends, at)];
    if (end !== undefined && end - at < onDelayMs) continue;
    if (onDelayMs > 0 && at + onDelayMs > now && (end === undefined || end > now)) {
      due.push(at + onDelayMs);
      continue;
    }
    current = { from: at, last: at, until: undefined, occurrences: 1 };
    episodes.push(current);
  }
  if (current === undefined) return episodes;
  const lasting = current;
  endBefore(Number.POSITIVE_INFINITY);
  if (lasting.until !== undefined && lasting.until > now) {
    due.push(lasting.until);
    lasting.until = undefined;
  }
  return episodes;
}

function fold(episode: Episode, at: number): void {
  episode.last = Math.max(episode.last, at);
  episode.occurrences += 1;
}
