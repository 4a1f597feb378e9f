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
  let begun: { fromMs: number; first: number; peak: number } | undefined;
  let oldest = 0;
  /** Lets alarms leave the window up to an instant; a flood ends with the one that leaves too few. */
  const leaveUntil = (atMs: number, newest: number): void => {
    while (oldest < newest && (announcedMs[oldest] as number) + windowMs <= atMs) {
      const leftMs = (announcedMs[oldest] as number) + windowMs;
      oldest += 1;
      if (begun === undefined || newest - oldest >= flood.endsBelow * operators) continue;
      floods.push({ fromMs: begun.fromMs, untilMs: leftMs, alarms: newest - begun.first, peak: begun.peak });
      begun = undefined;
    }
  };
  for (const [index, atMs] of announcedMs.entries()) {
    leaveUntil(atMs, index);
    const within = index + 1 - oldest;
    if (begun === undefined && within > flood.alarms * operators) {
      begun = { fromMs: announcedMs[oldest] as number, first: oldest, peak: within };
    } else if (begun !== undefined) {
      begun.peak = Math.max(begun.peak, within);
    }
  }
  leaveUntil(nowMs, announcedMs.length);
  if (begun !== undefined) {
    const { fromMs, first, peak } = begun;
    floods.push({ fromMs, untilMs: undefined, alarms: announcedMs.length - first, peak });
  }
  return floods;
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
