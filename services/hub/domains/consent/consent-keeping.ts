import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { CommandSender } from '../../commands/command-sender.ts';
import { isDatabaseUnavailable } from '../../database/errors.ts';
import type { EventRow } from '../../database/schema.ts';
import type { CredentialKeys } from '../policy/credential-keys.ts';
import { type AwaitedErasure, listAwaited } from './awaited-erasures.ts';
import type { ConsentDb } from './consent.service.ts';
import { takeReceipt } from './consent-intake.ts';
import type { Withdrawal, WithdrawalJournal } from './withdrawal-journal.ts';

/** A consent that has run out, or that went with a holder who has ended, is noticed within this time. */
const LOOK_EVERY_MS = 30_000;
/** An edge that did not sign is asked again; its receipt may still lie in a backlog. */
const ASK_AGAIN_AFTER_MS = 10 * 60_000;

export interface ConsentKeepingOptions {
  readonly db: ConsentDb;
  readonly keys: CredentialKeys;
  readonly sendCommand: CommandSender;
  readonly journal: WithdrawalJournal;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now: () => number;
  readonly monotonicNow: () => number;
}

/** Sees to it that what was taken back is gone: tells edges until they have signed, and puts withdrawals down outside the database. */
export interface ConsentKeeping {
  /** To be called when a consent was taken back. */
  nudge(): void;
  run(signal: AbortSignal): Promise<void>;
}

export function createConsentKeeping(options: ConsentKeepingOptions): ConsentKeeping {
  const { db, keys, sendCommand, journal, log, now, monotonicNow } = options;
  let wake = (): void => undefined;
  /** When this copy of the hub last told an edge, by the monotonic clock. */
  const askedAt = new Map<string, number>();
  const nameOf = ({ consent, agent }: AwaitedErasure): string => `${consent} ${agent}`;

  async function noteWithdrawals(): Promise<void> {
    const rows = await db
      .selectFrom('dipper.face_consent')
      .select(['id as consent', 'withdrawn_at as at'])
      .where('withdrawn_at', 'is not', null)
      .execute();
    await journal.note(rows.filter((row): row is Withdrawal => row.at !== null));
  }

  /** Whether the edge has answered. */
  async function ask(awaited: AwaitedErasure, signal: AbortSignal): Promise<boolean> {
    const { consent, holder, estate, agent } = awaited;
    askedAt.set(nameOf(awaited), monotonicNow());
    try {
      await sendCommand({ estate, agent }, { name: 'face.erase', holder, consent }, signal);
      return true;
    } catch (error) {
      // An edge that is away erases by the policy when it comes back.
      if (!signal.aborted) log.warn({ err: error, agent, consent }, 'an edge could not be told to erase a template');
      return false;
    }
  }

  async function askEdges(signal: AbortSignal): Promise<void> {
    const awaited = await listAwaited(db, new Date(now()));
    const open = new Set(awaited.map(nameOf));
    for (const name of askedAt.keys()) if (!open.has(name)) askedAt.delete(name);
    const isDue = (each: AwaitedErasure): boolean =>
      monotonicNow() - (askedAt.get(nameOf(each)) ?? Number.NEGATIVE_INFINITY) >= ASK_AGAIN_AFTER_MS;
    const byAgent = Map.groupBy(awaited.filter(isDue), ({ agent }) => agent);
    await Promise.all([...byAgent.values()].map((each) => askInTurn(each, signal)));
  }

  /** One edge, up to the first time that it does not answer; no other one waits for it. */
  async function askInTurn(awaited: readonly AwaitedErasure[], signal: AbortSignal): Promise<void> {
    for (const each of awaited) if (signal.aborted || !(await ask(each, signal))) return;
  }

  /** What an evaluator of an earlier version passed by, or could not take in, is looked for where it is missed. */
  async function takeMissedReceipts(): Promise<void> {
    const consents = [...new Set((await listAwaited(db, new Date(now()))).map(({ consent }) => consent))];
    if (consents.length === 0) return;
    const { rows } = await sql<Pick<EventRow, 'id' | 'agent' | 'occurred_at' | 'received_at' | 'data'>>`
      select event.id, event.agent, event.occurred_at, event.received_at, event.data from dipper.event_passage event
       where event.type = 'face.template-erased' and event.data ->> 'consent' = any(${consents}::text[])
         and not exists (select from dipper.face_erasure known where known.event = event.id)`.execute(db);
    for (const row of rows) await takeReceipt(db, keys, row);
  }

  return {
    nudge: () => wake(),
    async run(signal) {
      let hasLookedBack = false;
      while (!signal.aborted) {
        const nudged = new Promise<void>((resolve) => {
          wake = resolve;
        });
        try {
          await noteWithdrawals();
          if (!hasLookedBack) await takeMissedReceipts();
          hasLookedBack = true;
          await askEdges(signal);
        } catch (error) {
          const isExpected = isDatabaseUnavailable(error);
          if (!signal.aborted) log[isExpected ? 'warn' : 'error']({ err: error }, 'consents could not be looked after');
        }
        const over = new AbortController();
        const paused = delay(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, over.signal]) });
        await Promise.race([nudged, paused.catch(() => undefined)]);
        over.abort();
      }
    },
  };
}
