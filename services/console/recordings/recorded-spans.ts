import type { RecordingGapCause, Timeline } from '@dipper/contract/api/recording';
import type { TimeView } from './time-view.ts';

export interface Span extends TimeView {
  readonly bytes: number;
}

export interface Gap extends TimeView {
  readonly cause: RecordingGapCause;
}

/** Recorded spans in ms since 1970, oldest first. */
export function spansOf({ spans }: Pick<Timeline, 'spans'>): Span[] {
  return spans.map(({ from, until, bytes }) => ({ fromMs: Date.parse(from), untilMs: Date.parse(until), bytes }));
}

export function gapsOf({ gaps }: Pick<Timeline, 'gaps'>): Gap[] {
  return gaps.map(({ from, until, cause }) => ({ fromMs: Date.parse(from), untilMs: Date.parse(until), cause }));
}

/** The nearest instants with a recording on both sides of one without; `nextMs` is the instant itself where there is one. */
export function neighboursOf(
  spans: readonly TimeView[],
  atMs: number,
): { readonly nextMs: number | undefined; readonly previousEndMs: number | undefined } {
  const next = spans.find(({ untilMs }) => untilMs > atMs);
  return {
    nextMs: next === undefined ? undefined : Math.max(next.fromMs, atMs),
    previousEndMs: spans.findLast(({ untilMs }) => untilMs <= atMs)?.untilMs,
  };
}

/** How many bytes of recordings lie in a range, as far as their spans are of one density. */
export function bytesWithin(spans: readonly Span[], { fromMs, untilMs }: TimeView): number {
  return spans.reduce((sum, span) => {
    const sharedMs = Math.min(span.untilMs, untilMs) - Math.max(span.fromMs, fromMs);
    if (sharedMs <= 0) return sum;
    return sum + (span.bytes * sharedMs) / Math.max(1, span.untilMs - span.fromMs);
  }, 0);
}
