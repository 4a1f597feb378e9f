/**
 * Deterministic pseudo-random numbers in [0, 1), so that the same inputs render the same clip (mulberry32, public domain
 * by Tommy Ettinger; 2^32 states are plenty for sensor noise and leaves).
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
