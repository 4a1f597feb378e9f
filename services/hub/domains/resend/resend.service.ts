import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { NewResend, ResendView } from '@dipper/contract/api/resend';
import { type CommandAction, MAX_COMMAND_RANGES } from '@dipper/contract/commands';
import { DipperError, isDipperError } from '@dipper/contract/errors';
import type { SequenceRange } from '@dipper/contract/receipts';
import type { TopicAddress } from '@dipper/contract/topics';
import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { CommandSender } from '../../commands/command-sender.ts';
import { translateUnavailable } from '../../database/errors.ts';
import type { AgentService } from '../../services.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import {
  findRefused,
  finishResend,
  forgetSequences,
  insertResend,
  listResends,
  lockUnanswered,
  markResent,
  type NewResendRow,
  type RefusedSequences,
  type ResendRow,
  rememberSequences,
  takeUnanswered,
} from './resend.repository.ts';

const LOOK_EVERY_MS = 1_000;
/** Longer than an edge has to answer a command, and the answer to be written down. */
const ASK_AGAIN_AFTER_MS = 30_000;
/** An edge that could not be reached for so long is asked by hand again: its dead letters are dead letters as before. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const MAX_TAKEN = 10;
/** Refusals that say nothing about what was asked for. */
const UNREACHED: readonly string[] = ['AGENT_OFFLINE', 'COMMAND_TIMEOUT', 'DATABASE_UNAVAILABLE'];

export interface ResendService {
  /**
   * Asks an edge to send receipted events again, an epoch at a time, and waits for its answers, not for the events.
   * @throws DipperError NOT_FOUND, NOTHING_TO_RESEND, AGENT_OFFLINE, COMMAND_TIMEOUT, OUTBOX_NOTHING_KEPT, or the code
   *   with which the edge refused the first command; what a later one failed with stands in its `outcome`
   */
  request(agent: string, wanted: NewResend, requestedBy: string, signal: AbortSignal): Promise<ResendView[]>;
  list(agent: string, query: PageQuery): Promise<Page<ResendView>>;
  /**
   * Asks again, until the signal aborts, what a hub wrote down that it would ask and then died before it knew the answer.
   * An edge that is asked twice sends twice, and each event is stored once.
   */
  run(signal: AbortSignal): Promise<void>;
}

export interface ResendServiceOptions {
  // biome-ignore lint/suspicious/noExplicitAny: written in SQL, for a pool of whatever tables
  readonly db: Kysely<any>;
  readonly agents: Pick<AgentService, 'get' | 'challenge'>;
  readonly sendCommand: CommandSender;
  readonly log: Pick<Logger, 'info' | 'debug'>;
  readonly now?: () => number;
}

export function createResendService(options: ResendServiceOptions): ResendService {
  const { db, agents, sendCommand, log, now = Date.now } = options;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const inTransaction = <T>(work: (tx: Transaction<any>) => Promise<T>): Promise<T> =>
    translateUnavailable(() => db.transaction().execute(work));

  /** Unless somebody else has written down an answer meanwhile. */
  const writeAnswer = (id: string, work: (tx: Parameters<typeof lockUnanswered>[0]) => Promise<void>): Promise<void> =>
    inTransaction(async (tx) => {
      if (await lockUnanswered(tx, id)) await work(tx);
    });

  /** Sends the command for what has been written down, and writes down the answer. */
  const carryOut = async (address: TopicAddress, row: NewResendRow, signal: AbortSignal): Promise<void> => {
    const { refused } = row;
    const { events, kept: told } = await sendCommand(address, actionOf(row), signal);
    const kept = refused === undefined ? undefined : (told ?? refused.ranges);
    await writeAnswer(row.id, async (tx) => {
      if (refused !== undefined && kept !== undefined) {
        await rememberSequences(tx, row.agent, { ...refused, ranges: without(refused.ranges, kept) });
        await markResent(tx, row.agent, { ...refused, ranges: kept }, new Date(now()));
      }
      await finishResend(tx, row.id, 'granted', events, kept);
    });
  };

  const giveUp = ({ id, agent, refused }: NewResendRow, error: unknown): Promise<void> =>
    writeAnswer(id, async (tx) => {
      if (refused !== undefined) await rememberSequences(tx, agent, refused);
      await finishResend(tx, id, isDipperError(error) ? error.code : 'INTERNAL', undefined, undefined);
    });

  /**
   * One command. What is asked for is forgotten first: what came before that would count as a duplicate. It is written
   * down in the same transaction, so that a hub that dies from here on leaves something to go on with.
   */
  const ask = async (address: TopicAddress, row: NewResendRow, signal: AbortSignal): Promise<void> => {
    await inTransaction(async (tx) => {
      if (row.refused !== undefined) await forgetSequences(tx, address.agent, row.refused);
      await insertResend(tx, row);
    });
    try {
      await carryOut(address, row, signal);
    } catch (error) {
      // A hub that stops leaves it to the next one.
      if (!signal.aborted) await giveUp(row, error);
      throw error;
    }
  };

  const askAgain = async (row: NewResendRow, signal: AbortSignal): Promise<void> => {
    try {
      const { estate } = await agents.get(row.agent);
      await carryOut({ estate, agent: row.agent }, row, signal);
      log.info({ resend: row.id, agent: row.agent }, 'asked again after a hub had died over it');
    } catch (error) {
      if (signal.aborted) return;
      const isUnreached = !isDipperError(error) || UNREACHED.includes(error.code);
      if (isUnreached && now() - row.requestedAt.getTime() < GIVE_UP_AFTER_MS) throw error;
      await giveUp(row, error);
    }
  };

  const view = async (agent: string, ids: readonly string[]): Promise<ResendView[]> =>
    (await inTransaction((tx) => listResends(tx, { agent, ids, limit: ids.length }))).map(viewFromRow);

  return {
    async request(agent, wanted, requestedBy, signal) {
      const { estate } = await agents.get(agent);
      const address = { estate, agent };
      // Before anything is forgotten for an edge that cannot hear of it.
      await agents.challenge(address);
      const head = { agent, reason: wanted.reason, requestedBy, requestedAt: new Date(now()) };
      const parts: Pick<NewResendRow, 'refused' | 'receiptedSince'>[] =
        wanted.what === 'everything'
          ? [{ refused: undefined, receiptedSince: new Date(wanted.receiptedSince) }]
          : (await inTransaction((tx) => findRefused(tx, agent, wanted.code)))
              .flatMap(inCommandSizes)
              .map((refused) => ({ refused, receiptedSince: undefined }));
      if (parts.length === 0) throw new DipperError('NOTHING_TO_RESEND');
      const ids: string[] = [];
      for (const part of parts) {
        const id = randomUUID();
        try {
          await ask(address, { id, ...head, ...part }, signal);
        } catch (error) {
          // What an edge keeps no more of one epoch it may keep of the next; whatever else is wrong stays wrong.
          const isGone = isDipperError(error) && error.code === 'OUTBOX_NOTHING_KEPT';
          if (ids.length === 0 && (!isGone || parts.length === 1)) throw error;
          if (!isGone) return view(agent, [...ids, id]);
        }
        ids.push(id);
      }
      return view(agent, ids);
    },
    async list(agent, query) {
      await agents.get(agent);
      const read = (behind: string | undefined, limit: number): Promise<ResendRow[]> =>
        inTransaction((tx) => listResends(tx, { agent, behind, limit }));
      return pageByOrdinal(query, read, ({ ordinal }) => ordinal, viewFromRow);
    },
    async run(signal) {
      while (!signal.aborted) {
        const rows = await inTransaction((tx) => takeUnanswered(tx, ASK_AGAIN_AFTER_MS, MAX_TAKEN)).catch(() => []);
        for (const row of rows) {
          if (signal.aborted) return;
          const { id, agent } = row;
          await askAgain(row, signal).catch((err: unknown) =>
            log.debug({ err, resend: id, agent }, 'not asked again yet'),
          );
        }
        await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

function actionOf({ refused, receiptedSince }: NewResendRow): CommandAction {
  if (refused !== undefined) {
    const ranges = refused.ranges.map(([first, last]): SequenceRange => [first, last]);
    return { name: 'outbox.resend', epoch: refused.epoch, ranges };
  }
  return { name: 'outbox.refill', receiptedSince: (receiptedSince ?? new Date(0)).toISOString() };
}

function inCommandSizes({ epoch, ranges }: RefusedSequences): RefusedSequences[] {
  return Array.from({ length: Math.ceil(ranges.length / MAX_COMMAND_RANGES) }, (_, index) => ({
    epoch,
    ranges: ranges.slice(index * MAX_COMMAND_RANGES, (index + 1) * MAX_COMMAND_RANGES),
  }));
}

/** The sequences of `all` that are not in `taken`; both sorted, and `taken` lies within `all`. */
function without(all: RefusedSequences['ranges'], taken: RefusedSequences['ranges']): SequenceRange[] {
  return all.flatMap(([first, last]) => {
    const rest: SequenceRange[] = [];
    let from = first;
    for (const [start, end] of taken) {
      if (end < first || start > last) continue;
      if (start > from) rest.push([from, start - 1]);
      from = end + 1;
    }
    if (from <= last) rest.push([from, last]);
    return rest;
  });
}

function viewFromRow(row: ResendRow): ResendView {
  return {
    id: row.id,
    agent: row.agent,
    what: row.epoch === null ? 'everything' : 'dead-letters',
    epoch: row.epoch,
    receiptedSince: row.receipted_since?.toISOString() ?? null,
    reason: row.reason,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    outcome: row.outcome,
    events: row.events,
    arrived: row.arrived === null ? null : Number(row.arrived),
  };
}
