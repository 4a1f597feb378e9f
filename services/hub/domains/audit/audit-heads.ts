import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { SigningKeySource } from '../../signing-key.ts';
import type { AuditTables } from './audit.tables.ts';
import { signAuditSeal } from './audit-seal.ts';

/** What is deleted from the end of the trail within it is not missed: nobody has put it down yet. */
const SIGN_EVERY_MS = 60_000;

export interface AuditHeads {
  /** Signs the head now and then and once more at the end, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Signs the head, unless it is the one that was signed last. */
  sign(): Promise<void>;
}

export interface AuditHeadsOptions {
  readonly db: Kysely<AuditTables>;
  readonly signingKey: SigningKeySource;
  /** Outside the database; lines are only ever appended. Copies of the hub may share it. */
  readonly file: string;
  readonly log: Logger;
  readonly now: () => number;
}

/** Puts down where the audit trail ends, signed and outside the database, so that a shorter one is missed. */
export function createAuditHeads({ db, signingKey, file, log, now }: AuditHeadsOptions): AuditHeads {
  let signedId = '0';
  const sign = async (): Promise<void> => {
    const head = await db.selectFrom('dipper.audit_head').select(['id', 'hash']).executeTakeFirstOrThrow();
    if (head.id === signedId) return;
    const seal = await signAuditSeal(signingKey(), { kind: 'head', ...head, at: new Date(now()).toISOString() });
    await appendLine(file, seal);
    signedId = head.id;
  };
  const trySign = (): Promise<void> =>
    sign().catch((error: unknown) => log.error({ err: error }, 'the head of the audit trail could not be signed'));
  return {
    sign,
    async run(signal) {
      while (!signal.aborted) {
        await trySign();
        await delay(SIGN_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
      await trySign();
    },
  };
}

/** One write of less than a page: lines of several copies do not mix. */
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(`${line}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
