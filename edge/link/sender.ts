import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS } from '@dipper/contract/event-validation';
import type { SequenceRange } from '@dipper/contract/receipts';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { createInFlightWindow, type InFlightBatch, payloadOf } from './in-flight-window.ts';
import type { Outbox } from './outbox.ts';

export interface SenderOptions {
  readonly outbox: Outbox;
  /** Hands a batch to the broker; resolves when the broker has acknowledged it, which says nothing about the hub. */
  readonly publish: (payload: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SenderFigures {
  readonly sentBatches: number;
  readonly sentBytes: number;
  /** Of those, sent before. */
  readonly resentBatches: number;
  readonly quarantinedEvents: number;
  readonly inFlightBatches: number;
}

/** Sends what the outbox holds until the hub has signed for it. Never throws: what fails is logged and tried again. */
export interface Sender {
  /** There is a broker. */
  online(): void;
  /** There is none; what is in flight stays so and is sent again later. */
  offline(): void;
  /** There may be something new to send. */
  wake(): void;
  /**
   * A receipt has been accepted. Returns when the receipted batch was sent (monotonic ms), if that is beyond doubt:
   * sent once, also over restarts, and in one piece (Karn & Partridge, 1987).
   */
  receipted(epoch: string, ranges: readonly SequenceRange[]): number | undefined;
  figures(): SenderFigures;
  close(): void;
}

/** First repetition: longer than a hub takes to commit, shorter than a guard notices. */
const FIRST_RESEND_MS = 6_000;
/** While the hub signs for others, a batch it ignores is repeated after 6, 12, 24 s and then set aside. */
const IGNORED_SENDS = 3;
/**
 * While the hub signs for nothing, repeating everything would only fill the broker's queue: a batch is sent twice, and
 * again after ten minutes. Between them single events knock, up to the bytes of a third send. So a hub that is away for
 * ten minutes costs at most three times the bytes of what is waiting.
 */
const SENDS_INTO_SILENCE = 2;
const SILENT_RESEND_MS = 600_000;
const KNOCK_AFTER_MS = [15_000, 30_000, 60_000] as const;
/** Receipts of a hub that has come back arrive one after the other: what they do not name shortly after was lost. */
const GRACE_MS = 3_000;
/** Without a broker or a hub for longer than this is an outage; what comes after it is told before the backlog. */
export const OUTAGE_AFTER_MS = 60_000;
/** What was set aside is tried again with every connection, and otherwise this often. */
const QUARANTINE_RETRY_MS = 3_600_000;
const FULL_BATCH = { maxEvents: MAX_BATCH_EVENTS, maxBytes: MAX_BATCH_BYTES };
const ONE_EVENT = { maxEvents: 1, maxBytes: MAX_BATCH_BYTES };
/** After an error of the outbox (a full disk) nothing is tried for this long. */
const ERROR_PAUSE_MS = 5_000;

export function createSender({ outbox, publish, clock, log }: SenderOptions): Sender {
  const window = createInFlightWindow();
  const figures = { sentBatches: 0, sentBytes: 0, resentBatches: 0, quarantinedEvents: 0 };
  const openedAtMs = clock.monotonicMs();
  let isOnline = false;
  let offlineSinceMs = openedAtMs;
  /** Since when something is in flight and the hub has said nothing. */
  let silentSinceMs: number | undefined;
  const knocks = { count: 0, bytes: 0, lastAtMs: openedAtMs };
  let quarantineRetryAtMs = openedAtMs + QUARANTINE_RETRY_MS;
  let cancelTimer: (() => void) | undefined;
  let isClosed = false;

  const hand = (payload: string, onTaken: () => void): void => {
    figures.sentBytes += Buffer.byteLength(payload);
    publish(payload).then(onTaken, (error: unknown) => log.debug({ err: error }, 'batch not taken by the broker'));
  };

  const send = (batch: InFlightBatch): void => {
    if (batch.sends > 0) figures.resentBatches += 1;
    figures.sentBatches += 1;
    batch.sends += 1;
    batch.lastSentAtMs = clock.monotonicMs();
    batch.isTakenByBroker = false;
    batch.wakeAtMs = undefined;
    silentSinceMs ??= batch.lastSentAtMs;
    hand(payloadOf(batch.events.values()), () => {
      batch.isTakenByBroker = true;
    });
  };

  const dueAtMs = (batch: InFlightBatch): number => {
    if (batch.wakeAtMs !== undefined) return batch.wakeAtMs;
    if (window.isOvertaken(batch)) return batch.lastSentAtMs + FIRST_RESEND_MS * 2 ** Math.min(batch.ignored, 4);
    return batch.lastSentAtMs + (batch.sends < SENDS_INTO_SILENCE ? FIRST_RESEND_MS : SILENT_RESEND_MS);
  };

  const resendOrSetAside = (batch: InFlightBatch): void => {
    if (window.isOvertaken(batch)) batch.ignored += 1;
    if (batch.ignored < IGNORED_SENDS) {
      send(batch);
      return;
    }
    const sequences = [...batch.events.keys()];
    const count = outbox.quarantine(batch.epoch, sequences);
    figures.quarantinedEvents += count;
    window.remove(batch);
    log.error(
      { code: 'BATCH_QUARANTINED', epoch: batch.epoch, first: sequences[0], last: sequences.at(-1), events: count },
      'the hub signs for other batches but not for this one: set aside, tried again later in smaller ones',
    );
  };

  const knockDueAtMs = (): number => {
    const waitMs = KNOCK_AFTER_MS[Math.min(knocks.count, KNOCK_AFTER_MS.length - 1)] ?? 0;
    return Math.max(silentSinceMs ?? 0, knocks.lastAtMs) + waitMs;
  };

  /** Puts another waiting event in the place of the probe; false when none waits. */
  const probe = (): boolean => {
    const before = window.probe;
    const next = outbox.takeBatch(ONE_EVENT);
    if (next === undefined) return false;
    if (before !== undefined) {
      window.remove(before);
      outbox.defer(before.epoch, [...before.events.keys()]);
    }
    send(window.add(next, clock.monotonicMs(), true));
    return true;
  };

  /** One event whose receipt tells that the hub is there: one that waits, else one of another batch each time. */
  const knock = (): void => {
    knocks.lastAtMs = clock.monotonicMs();
    if (window.isFull && probe()) {
      knocks.count += 1;
      return;
    }
    const candidates = [...window.batches].filter((batch) => batch.sends >= SENDS_INTO_SILENCE);
    const batch = candidates[knocks.count % candidates.length];
    const smallest = [...(batch?.events.values() ?? [])].toSorted((a, b) => a.json.length - b.json.length)[0];
    if (smallest === undefined) return;
    const payload = payloadOf([smallest]);
    knocks.count += 1;
    if (knocks.bytes + Buffer.byteLength(payload) > window.bytes()) return;
    knocks.bytes += Buffer.byteLength(payload);
    hand(payload, () => undefined);
  };

  const retryQuarantined = (settledBeforeMs: number): void => {
    const count = outbox.releaseQuarantined(settledBeforeMs);
    if (count > 0) log.info({ events: count }, 'trying again what was set aside');
  };

  const work = (): void => {
    const nowMs = clock.monotonicMs();
    for (const batch of window.batches) if (dueAtMs(batch) <= nowMs) resendOrSetAside(batch);
    if (window.batches.size === 0) silentSinceMs = undefined;
    if (silentSinceMs !== undefined && knockDueAtMs() <= nowMs) knock();
    if (quarantineRetryAtMs <= nowMs) {
      quarantineRetryAtMs = nowMs + QUARANTINE_RETRY_MS;
      retryQuarantined(clock.nowMs() - QUARANTINE_RETRY_MS);
    }
    while (!window.isFull) {
      const batch = outbox.takeBatch(FULL_BATCH);
      if (batch === undefined) break;
      send(window.add(batch, nowMs));
    }
  };

  const pump = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (!isOnline || isClosed) return;
    let nextAtMs: number;
    try {
      work();
      const dues = [...window.batches].map(dueAtMs);
      if (silentSinceMs !== undefined) dues.push(knockDueAtMs());
      nextAtMs = Math.min(quarantineRetryAtMs, ...dues);
    } catch (error) {
      log.error({ err: error }, 'sending paused');
      nextAtMs = clock.monotonicMs() + ERROR_PAUSE_MS;
    }
    cancelTimer = clock.after(Math.max(1, nextAtMs - clock.monotonicMs()), pump);
  };

  const beginEpochAfter = (outageMs: number): void => {
    if (outageMs < OUTAGE_AFTER_MS) return;
    try {
      log.info({ outageMs: Math.round(outageMs), epoch: outbox.beginEpoch() }, 'outage over: a new epoch begins');
    } catch (error) {
      log.error({ err: error }, 'no new epoch begun');
    }
  };

  const hubSpoke = (): void => {
    const nowMs = clock.monotonicMs();
    const silentMs = silentSinceMs === undefined ? 0 : nowMs - silentSinceMs;
    silentSinceMs = window.batches.size === 0 ? undefined : nowMs;
    Object.assign(knocks, { count: 0, bytes: 0, lastAtMs: nowMs });
    if (silentMs < KNOCK_AFTER_MS[0]) return;
    for (const batch of window.batches) batch.wakeAtMs ??= nowMs + GRACE_MS;
    beginEpochAfter(silentMs);
  };

  return {
    online() {
      if (isOnline) return;
      isOnline = true;
      const nowMs = clock.monotonicMs();
      beginEpochAfter(nowMs - offlineSinceMs);
      // A broker that was restarted may have forgotten what it took.
      for (const batch of window.batches) batch.wakeAtMs = nowMs + (batch.isTakenByBroker ? GRACE_MS : 0);
      if (silentSinceMs !== undefined) silentSinceMs = nowMs;
      try {
        retryQuarantined(clock.nowMs() - OUTAGE_AFTER_MS);
      } catch (error) {
        log.error({ err: error }, 'what was set aside stays so for now');
      }
      pump();
    },
    offline() {
      if (!isOnline) return;
      isOnline = false;
      offlineSinceMs = clock.monotonicMs();
      pump();
    },
    wake() {
      // The window is the only limit: a full one is looked at again when a receipt comes.
      if (isOnline && !window.isFull) pump();
    },
    receipted(epoch, ranges) {
      const touched = window.settle(epoch, ranges);
      hubSpoke();
      pump();
      const [only] = touched;
      const isBeyondDoubt = touched.length === 1 && only?.sends === 1 && !only.isRepeated && only.events.size === 0;
      return isBeyondDoubt ? only.lastSentAtMs : undefined;
    },
    figures: () => ({ ...figures, inFlightBatches: window.batches.size }),
    close() {
      isClosed = true;
      pump();
    },
  };
}
