import { randomUUID } from 'node:crypto';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { NewResend, ResendView } from '@dipper/contract/api/resend';
import { type CommandAction, MAX_COMMAND_RANGES } from '@dipper/contract/commands';
import { DipperError, isDipperError } from '@dipper/contract/errors';
import type { SequenceRange } from '@dipper/contract/receipts';
import type { TopicAddress } from '@dipper/contract/topics';
import type { Kysely, Transaction } from 'kysely';
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
  markResent,
  type NewResendRow,
  type RefusedSequences,
  type ResendRow,
  rememberSequences,
} from './resend.repository.ts';

export interface ResendService {
  /**
   * Asks an edge to send receipted events again, an epoch at a time, and waits for its answers, not for the events.
   * @throws DipperError NOT_FOUND, NOTHING_TO_RESEND, AGENT_OFFLINE, COMMAND_TIMEOUT, OUTBOX_NOTHING_KEPT, or the code
   *   with which the edge refused the first command; what a later one failed with stands in its `outcome`
   */
  request(agent: string, wanted: NewResend, requestedBy: string, signal: AbortSignal): Promise<ResendView[]>;
  list(agent: string, query: PageQuery): Promise<Page<ResendView>>;
}

export interface ResendServiceOptions {
  // biome-ignore lint/suspicious/noExplicitAny: written in SQL, for a pool of whatever tables
  readonly db: Kysely<any>;
  readonly agents: Pick<AgentService, 'get' | 'challenge'>;
  readonly sendCommand: CommandSender;
  readonly now?: () => number;
}

export function createResendService({ db, agents, sendCommand, now = Date.now }: ResendServiceOptions): ResendService {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const inTransaction = <T>(work: (tx: Transaction<any>) => Promise<T>): Promise<T> =>
    translateUnavailable(() => db.transaction().execute(work));

  /** One command. What is asked for is forgotten first: what came before that would count as a duplicate. */
  const ask = async (address: TopicAddress, row: NewResendRow, signal: AbortSignal): Promise<void> => {
    const { agent } = address;
    const { refused } = row;
    await inTransaction(async (tx) => {
      if (refused !== undefined) await forgetSequences(tx, agent, refused);
      await insertResend(tx, row);
    });
    try {
      const { events, kept: told } = await sendCommand(address, actionOf(row), signal);
      const kept = refused === undefined ? undefined : (told ?? refused.ranges);
      await inTransaction(async (tx) => {
        if (refused !== undefined && kept !== undefined) {
          await rememberSequences(tx, agent, { ...refused, ranges: without(refused.ranges, kept) });
          await markResent(tx, agent, { ...refused, ranges: kept }, new Date(now()));
        }
        await finishResend(tx, row.id, 'granted', events, kept);
      });
    } catch (error) {
      const code = isDipperError(error) ? error.code : 'INTERNAL';
      await inTransaction(async (tx) => {
        if (refused !== undefined) await rememberSequences(tx, agent, refused);
        await finishResend(tx, row.id, code, undefined, undefined);
      });
      throw error;
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
