import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { BROKER_SALT_BYTES, hashBrokerPassword } from '@dipper/contract/broker-password';
import { replaceFile } from '../../link/replace-file.ts';

/** The password that an enrolment is about, and what the hub is told of it. */
export interface PendingPassword {
  readonly password: string;
  readonly passwordHash: string;
}

/**
 * The password is made and put down before the hub hears of it. So an enrolment that is cut off anywhere is taken up
 * again with the same code: the hub knows the hash and answers the same.
 */
export interface EnrolmentJournal {
  /** That of an enrolment with this code which was begun before, else a new one. */
  begin(code: string): Promise<PendingPassword>;
  /** Everything is where it belongs. */
  end(): Promise<void>;
}

/** @param configFile the journal lies beside it, mode 0600 */
export function openEnrolmentJournal(configFile: string): EnrolmentJournal {
  const file = `${configFile}.enrolment`;
  return {
    async begin(code) {
      const codeSha256 = createHash('sha256').update(code).digest('hex');
      const begun = await readJournal(file);
      if (begun?.codeSha256 === codeSha256) return begun;
      const password = randomBytes(24).toString('base64url');
      const pending = { password, passwordHash: hashBrokerPassword(password, randomBytes(BROKER_SALT_BYTES)) };
      await replaceFile(file, `${JSON.stringify({ codeSha256, ...pending })}\n`);
      return pending;
    },
    end: () => rm(file, { force: true }),
  };
}

async function readJournal(file: string): Promise<(PendingPassword & { readonly codeSha256: string }) | undefined> {
  try {
    const begun = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>>;
    const { codeSha256, password, passwordHash } = begun;
    if (typeof codeSha256 !== 'string' || typeof password !== 'string' || typeof passwordHash !== 'string') return;
    return { codeSha256, password, passwordHash };
  } catch {
    // None, or half of one: the file is only ever whole once the hub has been asked.
    return undefined;
  }
}
