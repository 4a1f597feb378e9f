import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type BrokerLogin, writeBrokerLogins } from './broker-passwords.ts';
import type { EnrolmentDb } from './enrolment.service.ts';

/** What another copy of the hub has agreed to, and what somebody has overwritten by hand, is mended within this time. */
const POLL_MS = 1_000;

/** Keeps the logins of enrolled agents in the broker's password file, for as long as the hub runs. */
export interface BrokerPasswordKeeper {
  /** Logins have changed: looks at once. */
  nudge(): void;
  run(signal: AbortSignal): Promise<void>;
}

export interface BrokerPasswordKeeperOptions {
  readonly db: EnrolmentDb;
  /** Undefined where the hub does not keep the broker's passwords. */
  readonly file: string | undefined;
  readonly log: Logger;
}

export function createBrokerPasswordKeeper({ db, file, log }: BrokerPasswordKeeperOptions): BrokerPasswordKeeper {
  let wake = (): void => undefined;
  let lastProblem = '';
  const refresh = async (path: string): Promise<void> => {
    try {
      if (await writeBrokerLogins(path, await readLogins(db)))
        log.info({ file: path }, 'the broker’s logins are written');
      lastProblem = '';
    } catch (error) {
      const { message } = error as Error;
      // Once per cause, not once a second.
      if (message !== lastProblem) log.error({ err: error, file: path }, 'the broker’s logins could not be written');
      lastProblem = message;
    }
  };
  return {
    nudge: () => wake(),
    async run(signal) {
      if (file === undefined) return;
      while (!signal.aborted) {
        const nudged = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await refresh(file);
        await Promise.race([nudged, delay(POLL_MS, undefined, { signal }).catch(() => undefined)]);
      }
    },
  };
}

/** Of agents that were enrolled at some time; one that only has a code may have a login that somebody made by hand. */
async function readLogins(db: EnrolmentDb): Promise<BrokerLogin[]> {
  const rows = await db
    .selectFrom('dipper.enrolment')
    .select(['agent', 'estate', 'password_hash'])
    .where('enrolled_at', 'is not', null)
    .orderBy('agent')
    .execute();
  return rows.map(({ agent, estate, password_hash }) => ({
    username: `${estate}/${agent}`,
    passwordHash: password_hash,
  }));
}
