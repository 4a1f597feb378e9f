import type { Clock } from './clock.ts';

/** A batch went out, a signed receipt for it came back: the hub's clock was read somewhere in between (Cristian, 1989). */
export interface ReceiptExchange {
  /** By `Clock.monotonicMs`. */
  readonly sentAtMs: number;
  /** By `Clock.monotonicMs`. */
  readonly receivedAtMs: number;
  /** The receipt's `issuedAt`, milliseconds since 1970 by the hub's clock. */
  readonly issuedAtMs: number;
}

export interface HubTime {
  /** Takes note of an exchange; one that took too long or names an impossible time teaches nothing. */
  observe(exchange: ReceiptExchange): void;
  /** Edge clock minus hub clock; undefined before the first useful exchange. */
  offsetMs(): number | undefined;
  /** The hub's clock now, as well as it is known. Without an exchange it is the edge's own clock and `known` is false. */
  now(): { readonly atMs: number; readonly uncertaintyMs: number; readonly known: boolean };
  /** The time to tell the hub for something that happened at `occurredAtMs` by the edge's clock, milliseconds since 1970. */
  correct(occurredAtMs: number): number;
}

/** A reply slower than this says too little: the true time may lie anywhere in it. */
const MAX_EXCHANGE_MS = 10_000;
/** No hub of ours was running before. A clock that says so has lost its battery and is no authority. */
const EARLIEST_HUB_MS = Date.UTC(2026, 0, 1);
/** The best of the latest few is used: the shortest exchange is the most exact one (RFC 5905 §10, clock filter). */
const KEPT_EXCHANGES = 8;
/** A quartz of 50 ppm has then gone wrong by 0.2 s. */
const EXCHANGE_LIFE_MS = 3_600_000;
/** A smaller difference is left alone: an edge kept by NTP is better than an estimate made over the network. */
const MIN_CORRECTION_MS = 1_000;
/** Nothing that is still being reported happened longer ago; the edge's clock was wrong when it was dated. */
const MAX_AGE_MS = 24 * 3_600_000;

interface Sample {
  readonly takenAtMs: number;
  /** Hub clock minus monotonic clock: it does not change when somebody sets the edge's wall clock. */
  readonly hubMinusMonotonicMs: number;
  readonly uncertaintyMs: number;
}

/** Learns the hub's clock from receipts. Nothing is corrected before two exchanges agree. */
export function createHubTime(clock: Clock): HubTime {
  let samples: Sample[] = [];

  const best = (): Sample | undefined => {
    const fresh = samples.filter((sample) => clock.monotonicMs() - sample.takenAtMs < EXCHANGE_LIFE_MS);
    const usable = fresh.length > 0 ? fresh : samples.slice(-1);
    return usable.toSorted((a, b) => a.uncertaintyMs - b.uncertaintyMs)[0];
  };

  return {
    observe({ sentAtMs, receivedAtMs, issuedAtMs }) {
      const tookMs = receivedAtMs - sentAtMs;
      if (tookMs < 0 || tookMs > MAX_EXCHANGE_MS || !(issuedAtMs >= EARLIEST_HUB_MS)) return;
      const sample = {
        takenAtMs: receivedAtMs,
        hubMinusMonotonicMs: issuedAtMs - (sentAtMs + receivedAtMs) / 2,
        uncertaintyMs: tookMs / 2 + 1,
      };
      // The hub's clock was set, or one of them lied: what disagrees with the newest is forgotten.
      samples = samples.filter((other) => agree(other, sample)).slice(1 - KEPT_EXCHANGES);
      samples.push(sample);
    },
    offsetMs() {
      const sample = best();
      if (sample === undefined) return undefined;
      return Math.round(clock.nowMs() - clock.monotonicMs() - sample.hubMinusMonotonicMs);
    },
    now() {
      const sample = best();
      if (sample === undefined) return { atMs: clock.nowMs(), uncertaintyMs: Number.POSITIVE_INFINITY, known: false };
      return {
        atMs: clock.monotonicMs() + sample.hubMinusMonotonicMs,
        uncertaintyMs: sample.uncertaintyMs,
        known: true,
      };
    },
    correct(occurredAtMs) {
      const edgeNowMs = clock.nowMs();
      const sample = samples.length >= 2 ? best() : undefined;
      const hubNowMs = sample === undefined ? edgeNowMs : clock.monotonicMs() + sample.hubMinusMonotonicMs;
      const offsetMs = edgeNowMs - hubNowMs;
      const isWorthIt = sample !== undefined && Math.abs(offsetMs) > MIN_CORRECTION_MS + sample.uncertaintyMs;
      const nowMs = isWorthIt ? hubNowMs : edgeNowMs;
      const correctedMs = isWorthIt ? occurredAtMs - offsetMs : occurredAtMs;
      // Not later than now, not older than a day; `NaN` fails both comparisons and becomes now.
      if (!(correctedMs <= nowMs)) return Math.round(nowMs);
      return Math.round(Math.max(correctedMs, nowMs - MAX_AGE_MS));
    },
  };
}

/** Two estimates of one clock differ by no more than both may be wrong, and a little for drift. */
function agree(a: Sample, b: Sample): boolean {
  return Math.abs(a.hubMinusMonotonicMs - b.hubMinusMonotonicMs) <= a.uncertaintyMs + b.uncertaintyMs + 250;
}
