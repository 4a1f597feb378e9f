import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';

/** A new challenge this often; the last two are good, so a command is at most two minutes old. */
export const CHALLENGE_PERIOD_MS = 60_000;
const GOOD_CHALLENGES = 2;

export interface Challenges {
  /** Newest first; what the status tells the hub. */
  current(): string[];
  isGood(challenge: string): boolean;
  /**
   * Remembers a command's nonce; false if it was used before. Nonces are kept as long as the challenge they came with
   * is good: later, and after a restart, a repeated command fails by its challenge, so nothing has to be on disk.
   */
  useNonce(challenge: string, nonce: string): boolean;
}

/** Random values that a command has to quote: that it is fresh is then proven without trusting any clock. */
export function createChallenges(clock: Clock): Challenges {
  let given: { readonly id: string; readonly givenAtMs: number; readonly nonces: Set<string> }[] = [];
  const renew = (): typeof given => {
    const nowMs = clock.monotonicMs();
    if (given[0] === undefined || nowMs - given[0].givenAtMs >= CHALLENGE_PERIOD_MS) {
      given.unshift({ id: randomUUID(), givenAtMs: nowMs, nonces: new Set() });
    }
    given = given
      .slice(0, GOOD_CHALLENGES)
      .filter(({ givenAtMs }) => nowMs - givenAtMs < GOOD_CHALLENGES * CHALLENGE_PERIOD_MS);
    return given;
  };
  return {
    current: () => renew().map(({ id }) => id),
    isGood: (challenge) => renew().some(({ id }) => id === challenge),
    useNonce(challenge, nonce) {
      if (renew().some(({ nonces }) => nonces.has(nonce))) return false;
      given.find(({ id }) => id === challenge)?.nonces.add(nonce);
      return true;
    },
  };
}
