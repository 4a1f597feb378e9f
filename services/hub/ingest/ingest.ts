import { DipperError, isDipperError } from '@dipper/contract/errors';
import type { ReceiptMessage } from '@dipper/contract/receipts';
import { MAX_PAYLOAD_BYTES, type ParsedTopic, parseTopic, type TopicAddress } from '@dipper/contract/topics';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isRefusedValue, isTransactionConflict } from '../database/errors.ts';
import type { Db } from '../database/pool.ts';
import type { LateHours } from '../retention/late-hours.ts';
import { retry } from '../retry.ts';
import type { SigningKeySource } from '../signing-key.ts';
import { createAgentRegister } from './agent-register.ts';
import { isBacklog } from './backlog.ts';
import { type Stored, type StoreOutcome, storeElements } from './event-store.ts';
import { readDeviceState } from './handlers/devices.handler.ts';
import { type Element, readEventBatch, refuseElement } from './handlers/events.handler.ts';
import type { ResultsHandler } from './handlers/results.handler.ts';
import { readStatus } from './handlers/status.handler.ts';
import type { Inbox } from './inbox.ts';
import type { Incoming, Refusal } from './incoming.ts';
import type { IngestMetrics } from './metrics.ts';
import { signReceipts } from './receipts.ts';
import { reasonOf, refusalOf } from './refusal.ts';
import { listSeen, mayHaveMissedReceipts } from './seen-sequences.ts';
import { type State, storeStates } from './state-store.ts';

/** Stored in one transaction: some hundreds of events, so that a commit is shared and a resend stays cheap. */
const MAX_BYTES_PER_TRANSACTION = 1024 * 1024;
/**
 * The same of a backlog while something live comes in: on its way to the desk an alarm waits for several transactions of
 * others, on the embedded database for each from its beginning to its end.
 */
const MAX_BACKLOG_BYTES_BESIDE_LIVE = 128 * 1024;
const LIVE_LATELY_MS = 2_000;
/** While the database works on one, the next is read and validated, or waits for a core of the database to be free. */
const MAX_TRANSACTIONS = 2;

export interface IngestOptions {
  readonly db: Db;
  readonly inbox: Inbox;
  readonly results: ResultsHandler;
  /** Remembers which hours have to be counted again. */
  readonly lateHours: LateHours;
  readonly signingKey: SigningKeySource;
  readonly sendReceipt: (address: TopicAddress, receipt: ReceiptMessage) => void;
  readonly metrics: IngestMetrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Called after a commit that may have written changes or events. */
  readonly onCommit: () => void;
}

/** What is stored in one go, tried again as a whole: whatever had been committed counts as seen. */
interface Work {
  readonly states: readonly State[];
  readonly elements: readonly Element[];
  readonly refusals: readonly Refusal[];
}

export interface Ingest {
  /** Takes a message from the broker; never throws, never waits. */
  receive(message: Incoming): void;
  /** Stores what was received until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Validates, stores, receipts; nothing else. A receipt is signed only after the commit. */
export function createIngest(options: IngestOptions): Ingest {
  const { db, inbox, results, signingKey, metrics, log, now } = options;
  const register = createAgentRegister();

  const refuse = (message: Incoming, agent: string | null, error: unknown): void => {
    const refusal = refusalOf(message, agent, reasonOf(error), message.payload);
    if (!inbox.addRefusal(refusal)) metrics.dropped.inc();
  };

  let lastLiveMs = Number.NEGATIVE_INFINITY;
  const addEvents = (message: Incoming): boolean => {
    const tellsOfThePast = isBacklog(message);
    if (!tellsOfThePast) lastLiveMs = performance.now();
    return inbox.addBatch(message, tellsOfThePast);
  };

  const dispatch = (message: Incoming, topic: ParsedTopic): void => {
    // Before it takes up room while the database is slow.
    if (message.payload.byteLength > MAX_PAYLOAD_BYTES) throw new DipperError('MESSAGE_TOO_LARGE');
    if (topic.kind === 'results') {
      results.handle(message, topic);
      return;
    }
    // An empty payload takes a retained message away (MQTT 3.1.1 §3.3.1.3): nothing is said.
    if (message.payload.byteLength === 0) return;
    const hasRoom = topic.kind === 'events' ? addEvents(message) : inbox.addState(message);
    if (!hasRoom) metrics.dropped.inc();
  };

  const readStates = (messages: readonly Incoming[]): State[] =>
    messages.flatMap((message): State[] => {
      const topic = parseTopic(message.topic);
      try {
        return topic.kind === 'status'
          ? [{ kind: 'status', message, topic, status: readStatus(message) }]
          : [{ kind: 'devices', message, topic, device: readDeviceState(message, topic) }];
      } catch (error) {
        refuse(message, topic.agent, error);
        return [];
      }
    });

  const store = (elements: readonly Element[], refusals: readonly Refusal[]): Promise<StoreOutcome> =>
    storeElements(db, register, elements, refusals, new Date(now()), options.lateHours);

  /** When the database refuses a value that we let through, the transaction is halved until the element is found. */
  const storeHalving = async (elements: readonly Element[], refusals: readonly Refusal[]): Promise<StoreOutcome[]> => {
    try {
      return [await store(elements, refusals)];
    } catch (error) {
      if (!isRefusedValue(error)) throw error;
      const [only] = elements;
      if (only === undefined || (elements.length === 1 && 'refusal' in only.content)) throw error;
      if (elements.length === 1) return [await store([refuseElement(only, 'EVENT_INVALID')], refusals)];
      const middle = elements.length >> 1;
      return [
        ...(await storeHalving(elements.slice(0, middle), refusals)),
        ...(await storeHalving(elements.slice(middle), [])),
      ];
    }
  };

  const sendReceipts = async (committed: readonly Stored[]): Promise<void> => {
    const at = new Date(now());
    await Promise.all(
      committed.map(async (stored) => {
        for (const receipt of await signReceipts(signingKey(), stored, at)) {
          options.sendReceipt(stored.address, receipt);
          metrics.receipts.inc();
        }
      }),
    );
  };

  /** An edge that comes back learns what has been stored meanwhile, instead of sending it again. */
  const repeatReceipts = async (states: readonly State[]): Promise<void> => {
    for (const state of states) {
      if (state.kind !== 'status' || !mayHaveMissedReceipts(state.status)) continue;
      await sendReceipts(await listSeen(db, state.topic));
    }
  };

  const account = (outcome: StoreOutcome): void => {
    for (const [retention, count] of Object.entries(outcome.events)) metrics.events.inc({ retention }, count);
    metrics.duplicates.inc(outcome.duplicates);
    for (const { topic, reason } of outcome.deadLetters) {
      metrics.deadLetters.inc({ reason });
      log.warn({ topic, reason }, 'refused; see the table dead_letter');
    }
  };

  const takeWork = (): Work => {
    const states = readStates(inbox.takeStates());
    const elements: Element[] = [];
    const refusals: Refusal[] = [];
    const isLive = performance.now() - lastLiveMs < LIVE_LATELY_MS;
    const backlogBytes = isLive ? MAX_BACKLOG_BYTES_BESIDE_LIVE : MAX_BYTES_PER_TRANSACTION;
    for (const message of inbox.takeBatches({ liveBytes: MAX_BYTES_PER_TRANSACTION, backlogBytes })) {
      const read = readEventBatch(message, parseTopic(message.topic));
      if (Array.isArray(read)) elements.push(...read);
      else refusals.push(read);
    }
    return { states, elements, refusals: [...refusals, ...inbox.takeRefusals()] };
  };

  const storeWork = async ({ states, elements, refusals }: Work): Promise<void> => {
    const refused = states.length === 0 ? [] : await storeStates(db, register, states, new Date(now()));
    const letters = [...refusals, ...refused];
    const outcomes = elements.length + letters.length === 0 ? [] : await storeHalving(elements, letters);
    options.onCommit();
    for (const outcome of outcomes) {
      account(outcome);
      await sendReceipts(outcome.stored);
    }
    await repeatReceipts(states);
  };

  /** What was taken is not receipted, so its edge sends it again, or sets it aside in the end. */
  const reportDefect = (error: unknown): void => {
    log.error({ err: error }, 'could not store');
    metrics.dropped.inc();
  };

  const storeUntilDone = async (work: Work, signal: AbortSignal): Promise<void> => {
    try {
      await retry(
        () => storeWork(work),
        (error) => isDatabaseUnavailable(error) || isTransactionConflict(error),
        (error, waitMs) => {
          metrics.retries.inc();
          log.warn({ err: error, waitMs }, 'cannot store; trying again');
        },
        signal,
      );
    } catch (error) {
      reportDefect(error);
    }
  };

  return {
    receive(message) {
      let agent: string | null = null;
      try {
        const topic = parseTopic(message.topic);
        agent = topic.agent;
        dispatch(message, topic);
      } catch (error) {
        if (isDipperError(error)) refuse(message, agent, error);
        else log.error({ err: error, topic: message.topic }, 'a message could not be handled');
      }
    },
    async run(signal) {
      const storing = new Set<Promise<void>>();
      while (!signal.aborted) {
        await inbox.whenFilled(signal);
        if (signal.aborted) break;
        try {
          const work = takeWork();
          // A state must not be overtaken by an older one that is still being stored, or tried again.
          if (work.states.length > 0) await Promise.all(storing);
          const task = storeUntilDone(work, signal).finally(() => storing.delete(task));
          storing.add(task);
        } catch (error) {
          reportDefect(error);
        }
        if (storing.size >= MAX_TRANSACTIONS) await Promise.race(storing);
      }
      await Promise.all(storing);
    },
  };
}
