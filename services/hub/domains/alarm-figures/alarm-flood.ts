import type { AlarmThresholds } from '../alarm/alarm-thresholds.ts';

/** A stretch of time in which more alarms were announced than operators can follow; instants in ms since 1970. */
export interface Flood {
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly untilMs: number | undefined;
  readonly alarms: number;
  /** Most within one window. */
  readonly peak: number;
}

/**
 * Finds the floods in a series of announcements: one begins when a window holds more than the limit of all operators
 * together, and is over when it holds fewer than the lower limit (ISA-18.2 clause 16, EEMUA 191; `DEFAULT_THRESHOLDS`).
 *
 * @param announcedMs when alarms were announced, ascending
 * @param nowMs up to when the series goes
 */
export function floodsIn(
  announcedMs: readonly number[],
  { flood, operators }: Pick<AlarmThresholds, 'flood' | 'operators'>,
  nowMs: number,
): Flood[] {
  const windowMs = flood.withinMin * 60_000;
  const floods: Flood[] = [];
  let begun: { readonly fromMs: number; readonly first: number; peak: number } | undefined;
  let newest = 0;
  let oldest = 0;
  for (const atMs of instantsOf(announcedMs, windowMs, nowMs)) {
    while (newest < announcedMs.length && (announcedMs[newest] as number) <= atMs) newest += 1;
    while (oldest < newest && (announcedMs[oldest] as number) + windowMs <= atMs) oldest += 1;
    const within = newest - oldest;
    if (begun === undefined) {
      if (within > flood.alarms * operators)
        begun = { fromMs: announcedMs[oldest] as number, first: oldest, peak: within };
    } else if (within < flood.endsBelow * operators) {
      floods.push({ fromMs: begun.fromMs, untilMs: atMs, alarms: newest - begun.first, peak: begun.peak });
      begun = undefined;
    } else {
      begun.peak = Math.max(begun.peak, within);
    }
  }
  if (begun !== undefined) {
    const { fromMs, first, peak } = begun;
    floods.push({ fromMs, untilMs: undefined, alarms: newest - first, peak });
  }
  return floods;
}

/** When an alarm enters or leaves the window, ascending. */
function instantsOf(announcedMs: readonly number[], windowMs: number, nowMs: number): number[] {
  const instants = new Set(announcedMs.flatMap((atMs) => [atMs, atMs + windowMs]));
  return [...instants].filter((atMs) => atMs <= nowMs).sort((a, b) => a - b);
}

/**
 * The most announcements within any stretch of this length.
 * @param announcedMs ascending
 */
export function peakWithin(announcedMs: readonly number[], windowMs: number): number {
  let oldest = 0;
  let peak = 0;
  for (const [index, atMs] of announcedMs.entries()) {
    while ((announcedMs[oldest] as number) + windowMs <= atMs) oldest += 1;
    peak = Math.max(peak, index + 1 - oldest);
  }
  return peak;
}
