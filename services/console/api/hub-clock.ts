/**
 * The hub's clock as seen from the page. A browser's clock may be minutes off, and deadlines and the age of a picture
 * must not be. Every answer carries `Date` (RFC 9110 §6.6.1, whole seconds): the hub's clock stood somewhere in
 * [Date, Date + 1 s) at a moment between sending and receiving, which bounds the difference from both sides. Bounds of
 * successive answers are intersected, so the estimate narrows to a few hundred milliseconds.
 */
export interface HubClock {
  /** Learns from one answer. Times in ms since 1970 by the page's clock. */
  observe(dateHeader: string | null, sentAtMs: number, receivedAtMs: number): void;
  /** The hub's time now, ms since 1970; the page's own until something was learned. */
  nowMs(): number;
  /** Hub minus page, and how far that may be off; undefined until something was learned. */
  offset(): { readonly ms: number; readonly uncertaintyMs: number } | undefined;
}

const DATE_RESOLUTION_MS = 1_000;

/** @param now the page's clock, ms since 1970 */
export function createHubClock(now: () => number): HubClock {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  const offset = () =>
    Number.isFinite(low) ? { ms: (low + high) / 2, uncertaintyMs: Math.max(0, (high - low) / 2) } : undefined;
  return {
    observe(dateHeader, sentAtMs, receivedAtMs) {
      const dateMs = Date.parse(dateHeader ?? '');
      if (Number.isNaN(dateMs) || receivedAtMs < sentAtMs) return;
      const [nextLow, nextHigh] = [dateMs - receivedAtMs, dateMs + DATE_RESOLUTION_MS - sentAtMs];
      const contradicts = nextLow > high || nextHigh < low;
      // A contradiction means that one of the clocks was set meanwhile: what was known is void.
      low = contradicts ? nextLow : Math.max(low, nextLow);
      high = contradicts ? nextHigh : Math.min(high, nextHigh);
    },
    nowMs: () => now() + (offset()?.ms ?? 0),
    offset,
  };
}
