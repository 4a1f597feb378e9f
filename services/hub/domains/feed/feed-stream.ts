import { setTimeout as delay } from 'node:timers/promises';
import { FEED_KINDS, type FeedKind, type FeedMessage } from '@dipper/contract/api/feed';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { hasRole, type Principal } from '../../plugins/principal.ts';
import { translate } from '../../plugins/problems.ts';
import { EVERYBODY, RECORD_READERS } from '../../plugins/roles.ts';
import { closeWithCode } from '../../plugins/web-socket-closing.ts';
import type { Change, HubServices } from '../../services.ts';
import { createEventRuns, positionOf } from './event-runs.ts';

/** Changes read and sent in one go. */
const BATCH_CHANGES = 500;
/** A reader with more than this waiting is given time; what it misses stays in the table, behind its cursor. */
const MAX_BACKLOG_BYTES = 1024 * 1024;
const BACKLOG_LOOK_MS = 100;
/** While the database is away the feed stays open and tries again. */
const RETRY_MS = 1_000;

/** Who may see a kind of change: the same as may `GET` it. */
const READERS = {
  event: RECORD_READERS,
  agent: RECORD_READERS,
  alarm: EVERYBODY,
  incident: EVERYBODY,
  case: EVERYBODY,
  device: EVERYBODY,
  shelf: EVERYBODY,
  'out-of-service': EVERYBODY,
} as const satisfies Record<FeedKind, typeof EVERYBODY>;

export interface FeedStreamOptions {
  readonly services: Pick<
    HubServices,
    'changes' | 'alarms' | 'shelves' | 'outOfService' | 'incidents' | 'cases' | 'events' | 'devices' | 'agents'
  >;
  readonly principal: Principal;
  readonly socket: WebSocket;
  /** Cursor to resume behind; absent: from now on. */
  readonly after: string | undefined;
  /** What it wants to hear of; everything it may see when absent. */
  readonly kinds?: readonly FeedKind[] | undefined;
  /** How long it may say nothing, ms. */
  readonly helloEveryMs: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Tells one reader what changes, in the order of the table `change`, until its socket closes. Every message carries the
 * cursor behind it, so a reader that reconnects with `?after=` misses nothing and hears nothing twice. A hello follows
 * a look at the table, never a timer alone: a hub that has lost its database must not sound alive.
 */
export async function streamFeed(options: FeedStreamOptions): Promise<void> {
  const { services, principal, socket, after, kinds = FEED_KINDS, helloEveryMs, logger } = options;
  const { changes } = services;
  const gone = new AbortController();
  let wake = Promise.withResolvers<void>();
  const stopListening = changes.onChange(() => wake.resolve());
  const leave = (): void => {
    gone.abort();
    wake.resolve();
  };
  socket.once('close', leave);
  let helloDueMs = 0;
  const send = (message: FeedMessage): void => {
    socket.send(JSON.stringify(message));
    helloDueMs = performance.now() + helloEveryMs;
  };

  let { cursor, told } = positionOf(after);
  try {
    while (!gone.signal.aborted) {
      // Armed before reading: what is committed meanwhile wakes the next round.
      wake = Promise.withResolvers<void>();
      try {
        cursor ??= await changes.head();
        const batch = await changes.read(cursor, BATCH_CHANGES);
        if (performance.now() >= helloDueMs) send({ kind: 'hello', cursor });
        for (const [index, part] of (await partsOf(batch, cursor, services, principal, told)).entries()) {
          if (!kinds.some((kind) => kind === batch[index]?.kind)) continue;
          for (const message of await part()) send(message);
          await drained(socket, gone.signal);
        }
        if (batch.length > 0) told = 0;
        cursor = batch.at(-1)?.cursor ?? cursor;
        if (batch.length < BATCH_CHANGES) await wokenOr(helloDueMs - performance.now(), wake.promise);
      } catch (error) {
        if (translate(error).code !== 'DATABASE_UNAVAILABLE') throw error;
        await delay(RETRY_MS, undefined, { signal: gone.signal }).catch(() => undefined);
      }
    }
  } catch (error) {
    const { code } = translate(error);
    if (code === 'INTERNAL') logger.warn({ err: error }, 'feed failed');
    closeWithCode(socket, code);
  } finally {
    stopListening();
    socket.off('close', leave);
  }
}

export type FeedSources = FeedStreamOptions['services'];

/** Reads what there is to tell of one change. */
export type Part = () => Promise<FeedMessage[]>;

/**
 * What a batch of changes looks like to one reader; what it may not see, or what is gone already, is left out.
 */
export async function partsOf(
  batch: readonly Change[],
  after: string,
  services: FeedStreamOptions['services'],
  principal: Principal,
  told = 0,
): Promise<Part[]> {
  const kinds = FEED_KINDS.filter((kind) => hasRole(principal, READERS[kind]));
  const values = new Map<string, unknown>();
  for (const kind of kinds) {
    const ids = [...new Set(batch.filter((change) => change.kind === kind).map(({ id }) => id))];
    if (ids.length === 0 || kind === 'event') continue;
    for (const value of await findMany(kind, ids, services, principal)) values.set(`${kind} ${value.id}`, value);
  }
  const runs = createEventRuns(batch, services.events);
  return batch.map((change, index): Part => {
    const { kind, id, cursor } = change;
    if (kind === 'event') {
      const previous = batch[index - 1];
      const before = previous === undefined ? { cursor: after, told } : { cursor: previous.cursor, told: 0 };
      return kinds.includes('event') ? () => runs.messagesOf(change, before) : async () => [];
    }
    const value = values.get(`${kind} ${id}`);
    return async () => (value === undefined ? [] : [{ kind, cursor, change: change.change, id, value }]);
  });
}

function findMany(
  kind: Exclude<FeedKind, 'event'>,
  ids: readonly string[],
  { alarms, shelves, outOfService, incidents, cases, devices, agents }: FeedStreamOptions['services'],
  principal: Principal,
): Promise<readonly { readonly id: string }[]> {
  switch (kind) {
    case 'alarm':
      return alarms.findMany(ids);
    case 'incident':
      return incidents.findMany(ids);
    case 'case':
      return cases.findMany(ids, principal);
    case 'device':
      return devices.findMany(ids);
    case 'agent':
      return agents.findMany(ids);
    case 'shelf':
      return shelves.findMany(ids);
    case 'out-of-service':
      return outOfService.findMany(ids);
  }
}

async function drained(socket: WebSocket, signal: AbortSignal): Promise<void> {
  while (socket.bufferedAmount > MAX_BACKLOG_BYTES && !signal.aborted) {
    await delay(BACKLOG_LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Waits to be woken, for a while at the most. */
async function wokenOr(patienceMs: number, woken: Promise<void>): Promise<void> {
  const enough = new AbortController();
  await Promise.race([woken, delay(patienceMs, undefined, { signal: enough.signal }).catch(() => undefined)]);
  enough.abort();
}
