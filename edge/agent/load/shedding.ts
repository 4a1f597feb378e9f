import type { Clock } from '../../link/clock.ts';

/**
 * What is given up when this machine has too much to do, in this order: playbacks and exports wait, viewers get key frames
 * only, a glimpse of each group is analysed. Recording is never given up, and gates are a process of their own.
 */
export const SHED_ORDER = ['rest', 'live', 'capture'] as const;
export type SheddableRank = (typeof SHED_ORDER)[number];

/** Who suffers: only what ranks below is given up for it. `agent`: this process does not come to its turn. */
export type Pressed = 'capture' | 'recording' | 'agent';

export interface SheddingOptions {
  /** Asked at each pulse: who has lost something since the last one. */
  readonly pressed: () => Pressed | undefined;
  readonly onChange: (shed: readonly SheddableRank[]) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Shedding {
  sheds(rank: SheddableRank): boolean;
  stats(): SheddingStats;
  /** How late this process came to its turn since the last call, ms. */
  takeLateness(): { readonly p50: number; readonly p99: number; readonly max: number };
}

export interface SheddingStats {
  readonly shed: readonly SheddableRank[];
  /** How often each was given up since the start, and for how long, ms. */
  readonly times: Readonly<Record<SheddableRank, number>>;
  readonly shedMs: Readonly<Record<SheddableRank, number>>;
}

const PULSE_MS = 250;
/** Two seconds of pulses, as late as they are long on average: this process gets half of what it needs. */
const LATE_PULSES = 8;
const LATE_MS = PULSE_MS;
/** What was given up last needs so long to show. */
const STEP_MS = 2_000;
/** Load comes in waves: one rank is taken up again after so much calm. */
const CALM_MS = 10_000;
/** Ranks that may go for whoever suffers. */
const LIMITS: Readonly<Record<Pressed, number>> = { capture: 2, recording: 3, agent: 3 };
/** A minute and a half of pulses is what lateness is told of. */
const MAX_PULSES = 360;

/** Decides, four times a second, what this machine has no time for. */
export function createShedding(options: SheddingOptions): Shedding {
  const { clock, signal } = options;
  const startMs = clock.monotonicMs();
  let level = 0;
  let changedMs = Number.NEGATIVE_INFINITY;
  let pressedMs = Number.NEGATIVE_INFINITY;
  let pulseMs = startMs;
  let lateness: number[] = [];
  let recent: number[] = [];
  const times: Record<SheddableRank, number> = { rest: 0, live: 0, capture: 0 };
  const doneMs: Record<SheddableRank, number> = { rest: 0, live: 0, capture: 0 };
  const sinceMs: Partial<Record<SheddableRank, number>> = {};
  let cancel = (): void => undefined;

  function setLevel(next: number, nowMs: number): void {
    for (const [place, rank] of SHED_ORDER.entries()) {
      if (place < next && place >= level) {
        times[rank] += 1;
        sinceMs[rank] = nowMs;
      } else if (place >= next && place < level) {
        doneMs[rank] += nowMs - (sinceMs[rank] ?? nowMs);
        delete sinceMs[rank];
      }
    }
    level = next;
    changedMs = nowMs;
    options.onChange(SHED_ORDER.slice(0, level));
  }

  /** @returns how many ranks may go now, if anybody suffers */
  function limit(): number | undefined {
    const isLate =
      recent.length === LATE_PULSES && recent.reduce((sum, late) => sum + late, 0) >= LATE_PULSES * LATE_MS;
    const pressed = options.pressed();
    const limits = [...(isLate ? [LIMITS.agent] : []), ...(pressed === undefined ? [] : [LIMITS[pressed]])];
    return limits.length === 0 ? undefined : Math.max(...limits);
  }

  function pulse(): void {
    const nowMs = clock.monotonicMs();
    const late = Math.max(0, nowMs - pulseMs - PULSE_MS);
    pulseMs = nowMs;
    recent = [...recent, late].slice(-LATE_PULSES);
    if (lateness.length < MAX_PULSES) lateness.push(late);
    const most = limit();
    if (most !== undefined) {
      pressedMs = nowMs;
      if (level < most && nowMs - changedMs >= STEP_MS) setLevel(level + 1, nowMs);
    } else if (level > 0 && nowMs - Math.max(pressedMs, changedMs) >= CALM_MS) setLevel(level - 1, nowMs);
    cancel = clock.after(PULSE_MS, pulse);
  }

  if (!signal.aborted) cancel = clock.after(PULSE_MS, pulse);
  signal.addEventListener('abort', () => cancel(), { once: true });

  return {
    sheds: (rank) => SHED_ORDER.indexOf(rank) < level,
    stats() {
      const nowMs = clock.monotonicMs();
      const lasted = (rank: SheddableRank): number =>
        Math.round(doneMs[rank] + (sinceMs[rank] === undefined ? 0 : nowMs - sinceMs[rank]));
      const shedMs = { rest: lasted('rest'), live: lasted('live'), capture: lasted('capture') };
      return { shed: SHED_ORDER.slice(0, level), times: { ...times }, shedMs };
    },
    takeLateness() {
      const sorted = lateness.toSorted((a, b) => a - b);
      lateness = [];
      const at = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
      return { p50: at(0.5), p99: at(0.99), max: at(1) };
    },
  };
}
