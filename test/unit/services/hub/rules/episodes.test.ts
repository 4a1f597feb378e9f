import { type EpisodeTerms, episodesOf, type Fact } from '@dipper/hub/rules/episodes';
import { describe, expect, it } from 'vitest';
import { slowEpisodes } from '../../../../support/slow-episodes.ts';

const SIMPLE: EpisodeTerms = {
  onDelayMs: 0,
  offDelayMs: 0,
  afterMs: undefined,
  count: undefined,
  correlation: undefined,
  absence: undefined,
};
const NOW_MS = 200_000;

/** mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function randomTerms(random: () => number): EpisodeTerms {
  const upTo = (most: number): number => Math.floor(random() * (most + 1)) * 1000;
  const maybe = <T>(value: T): T | undefined => (random() < 0.4 ? value : undefined);
  if (random() < 0.15) {
    const patience = 5_000 + upTo(20);
    return { ...SIMPLE, absence: { dueAfter: (sign) => sign + patience, atLeastMs: patience } };
  }
  const afterMs = maybe(1_000 + upTo(20));
  return {
    onDelayMs: maybe(upTo(15)) ?? 0,
    offDelayMs: afterMs === undefined ? (maybe(upTo(15)) ?? 0) : 0,
    afterMs,
    count: maybe({ atLeast: 2 + Math.floor(random() * 3), withinMs: 1_000 + upTo(30) }),
    correlation: maybe({ with: random() < 0.5, beforeMs: upTo(10), afterMs: 1_000 + upTo(10) }),
    absence: undefined,
  };
}

describe('what follows from the facts of a key', () => {
  it('is what a slow reading second by second finds, for random rules and streams in any order', () => {
    for (let seed = 1; seed <= 4_000; seed += 1) {
      const random = randomFrom(seed);
      const terms = randomTerms(random);
      const seen = new Set<string>();
      const facts = Array.from({ length: 2 + Math.floor(random() * 24) }, (): Fact => {
        const kind = random() < 0.55 ? 'trigger' : random() < 0.6 ? 'end' : 'witness';
        return { kind, at: 1_000 * Math.floor(100 + random() * 95) };
      }).filter(({ kind, at }) => {
        const isNew = !seen.has(`${kind} ${at}`);
        seen.add(`${kind} ${at}`);
        return isNew;
      });
      const isBare = terms.afterMs !== undefined;
      const told = isBare ? facts.filter(({ kind }) => kind !== 'end') : facts;
      if (told.length === 0) continue;
      const found = episodesOf(terms, told, NOW_MS).episodes.map(({ from, until }) => ({
        from: from / 1000,
        until: until === undefined ? undefined : until / 1000,
      }));
      expect(found, `seed ${seed}: ${JSON.stringify({ terms, told })}`).toEqual(slowEpisodes(terms, told, NOW_MS));
    }
  });

  it('does not change until the time that it names', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = randomFrom(seed);
      const terms = { ...randomTerms(random), absence: undefined };
      const facts = Array.from({ length: 8 }, (_, index): Fact => {
        const kind = index % 3 === 0 ? 'trigger' : random() < 0.5 ? 'end' : 'witness';
        return { kind, at: 1_000 * Math.floor(100 + random() * 30) };
      });
      for (let now = 131_000; now < 160_000; now += 1_000) {
        const before = episodesOf(terms, facts, now);
        const after = episodesOf(terms, facts, now + 1_000);
        const isDue = before.dueAt !== undefined && before.dueAt <= now + 1_000;
        if (!isDue) expect(after.episodes, `seed ${seed} at ${now}`).toEqual(before.episodes);
      }
    }
  });

  it('counts triggers of one instant together', () => {
    const facts = [1, 2, 3].map((): Fact => ({ kind: 'trigger', at: 1_000 }));
    const terms = { ...SIMPLE, count: { atLeast: 3, withinMs: 1_000 } };
    expect(episodesOf(terms, facts, NOW_MS).episodes).toMatchObject([{ from: 1_000, occurrences: 3 }]);
    expect(episodesOf(terms, facts.slice(1), NOW_MS).episodes).toEqual([]);
  });
});
