import type { EpisodeTerms, Fact } from '@dipper/hub/rules/episodes';

/** When an alarm lasted, in seconds; `until` undefined while it lasts. */
export interface SlowEpisode {
  readonly from: number;
  readonly until: number | undefined;
}

/**
 * What `episodesOf` answers, found another way: by walking through time second by second with everything known, as one
 * would read ISA-18.2 aloud. Facts lie on whole seconds. Slow, and meant to be.
 */
export function slowEpisodes(terms: EpisodeTerms, facts: readonly Fact[], nowMs: number): SlowEpisode[] {
  const now = Math.floor(nowMs / 1000);
  const first = Math.min(...facts.map(({ at }) => at / 1000));
  const has = (kind: Fact['kind'], second: number): boolean =>
    facts.some((fact) => fact.kind === kind && fact.at === second * 1000);
  const between = (kind: Fact['kind'], from: number, until: number): Fact[] =>
    facts.filter((fact) => fact.kind === kind && fact.at >= from * 1000 && fact.at <= until * 1000);
  if (terms.absence !== undefined) {
    // Nothing is missed before it was there once.
    const sign = Math.min(...between('trigger', first, now).map(({ at }) => at / 1000));
    return slowSilences(has, terms.absence.atLeastMs / 1000, sign, now);
  }

  const { count, correlation } = terms;
  const holdsFor = (second: number): number | undefined => {
    if (!has('trigger', second)) return undefined;
    if (
      count !== undefined &&
      between('trigger', second - count.withinMs / 1000 + 0.001, second).length < count.atLeast
    )
      return undefined;
    if (correlation === undefined) return second;
    const latest = second + correlation.afterMs / 1000;
    const near = between('witness', second - correlation.beforeMs / 1000, latest);
    if (correlation.with)
      return near.length === 0 ? undefined : Math.max(second, Math.min(...near.map(({ at }) => at / 1000)));
    return near.length === 0 && latest <= now ? second : undefined;
  };
  const onsets = new Set<number>();
  for (let second = first; second <= now; second += 1) {
    const onset = holdsFor(second);
    if (onset !== undefined) onsets.add(onset);
  }

  const episodes: SlowEpisode[] = [];
  const delay = terms.onDelayMs / 1000;
  let from: number | undefined;
  let last = 0;
  let endsAt: number | undefined;
  for (let second = first; second <= now; second += 1) {
    if (onsets.has(second)) {
      if (from !== undefined) {
        last = second;
        if (endsAt !== undefined && endsAt >= second) endsAt = undefined;
      } else if (second + delay <= now && between('end', second, second + delay - 0.001).length === 0) {
        from = second;
        last = second;
        endsAt = undefined;
      }
    }
    if (from === undefined) continue;
    if (terms.afterMs !== undefined) endsAt = last + terms.afterMs / 1000;
    else if (has('end', second)) endsAt ??= second + terms.offDelayMs / 1000;
    if (endsAt === undefined || endsAt > second) continue;
    episodes.push({ from, until: second });
    from = undefined;
  }
  if (from !== undefined) episodes.push({ from, until: undefined });
  return episodes;
}

function slowSilences(
  has: (kind: Fact['kind'], second: number) => boolean,
  patience: number,
  first: number,
  now: number,
): SlowEpisode[] {
  const episodes: SlowEpisode[] = [];
  let quiet = 0;
  let from: number | undefined;
  for (let second = first; second <= now; second += 1) {
    if (has('trigger', second)) {
      if (from !== undefined) episodes.push({ from, until: second });
      from = undefined;
      quiet = 0;
      continue;
    }
    quiet += 1;
    // A sign that comes just when patience ends is in time.
    if (quiet >= patience && from === undefined) from = second;
  }
  if (from !== undefined) episodes.push({ from, until: undefined });
  return episodes;
}
