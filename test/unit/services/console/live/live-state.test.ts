import { describe, expect, it } from 'vitest';
import {
  isSameLiveState,
  type LiveFacts,
  liveStateOf,
  STALE_AFTER_MS,
} from '../../../../../services/console/live/live-state.ts';

const FRESH: LiveFacts = {
  ...{ connected: true, problem: undefined, retries: true, ageMs: 80, takenAtMs: 10_000 },
  everyMs: undefined,
};

describe('what a viewer is told', () => {
  it('calls a picture live up to two seconds, and not a moment longer', () => {
    expect(liveStateOf({ ...FRESH, ageMs: STALE_AFTER_MS }).kind).toBe('live');
    expect(liveStateOf({ ...FRESH, ageMs: STALE_AFTER_MS + 1 })).toEqual({
      kind: 'stale',
      ageSec: 2,
      takenAtMs: 10_000,
    });
    expect(STALE_AFTER_MS).toBe(2_000);
  });

  it('says how far apart pictures are where one of each group comes, and calls them old when the next one is overdue', () => {
    const sparse = { ...FRESH, everyMs: 4_020 };
    expect(liveStateOf({ ...sparse, ageMs: 4_100 })).toEqual({ kind: 'live', takenAtMs: 10_000, everySec: 4 });
    expect(liveStateOf({ ...sparse, ageMs: STALE_AFTER_MS + 4_021 }).kind).toBe('stale');
    expect(isSameLiveState(liveStateOf(sparse), liveStateOf(FRESH))).toBe(false);
  });

  it('calls nothing live that was never shown', () => {
    const facts = { ...FRESH, ageMs: undefined, takenAtMs: undefined };
    expect(liveStateOf(facts).kind).toBe('connecting');
    expect(liveStateOf({ ...facts, connected: false }).kind).toBe('connecting');
  });

  it('says why there is none, and how old the last one is', () => {
    expect(liveStateOf({ ...FRESH, connected: false, problem: 'AGENT_OFFLINE', ageMs: 9_500 })).toEqual({
      kind: 'offline',
      problem: 'AGENT_OFFLINE',
      ageSec: 9,
      takenAtMs: 10_000,
      retries: true,
    });
  });

  it('does not call a lost connection merely stale', () => {
    expect(liveStateOf({ ...FRESH, connected: false, ageMs: 3_000 }).kind).toBe('offline');
  });

  it('looks different every second, so that the time shown runs with the picture', () => {
    const at = (takenAtMs: number) => liveStateOf({ ...FRESH, takenAtMs });
    expect(isSameLiveState(at(10_000), at(10_900))).toBe(true);
    expect(isSameLiveState(at(10_900), at(11_000))).toBe(false);
  });
});
