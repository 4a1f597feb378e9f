import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A consent that was taken back; no name is in it. */
export interface Withdrawal {
  readonly consent: string;
  readonly at: Date;
}

/** `consent instant`, one a line. */
const LINE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

/**
 * Which consents were taken back, outside of the database: a backup of before knows nothing of it, and whatever is restored
 * from one is held to this file. Lines are only ever appended; copies of the hub may share it.
 */
export interface WithdrawalJournal {
  /** Puts down what is not there yet. @throws what the file system throws */
  note(withdrawals: readonly Withdrawal[]): Promise<void>;
}

export function createWithdrawalJournal(file: string): WithdrawalJournal {
  let noted: Set<string> | undefined;
  return {
    async note(withdrawals) {
      noted ??= new Set((await readWithdrawals(file))?.keys());
      const known = noted;
      const fresh = withdrawals.filter(({ consent }) => !known.has(consent));
      if (fresh.length === 0) return;
      await append(file, fresh.map(({ consent, at }) => `${consent} ${at.toISOString()}\n`).join(''));
      for (const { consent } of fresh) known.add(consent);
    },
  };
}

/**
 * When each consent in a file was taken back; undefined where there is no such file. A line that a dying machine left
 * unfinished is passed over: its consent is put down anew at the next start.
 * @throws what the file system throws
 */
export async function readWithdrawals(file: string): Promise<ReadonlyMap<string, Date> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const found = new Map<string, Date>();
  for (const line of text.split('\n')) {
    const [, consent, instant] = LINE.exec(line) ?? [];
    const at = new Date(instant ?? Number.NaN);
    if (consent !== undefined && !Number.isNaN(at.getTime())) found.set(consent, at);
  }
  return found;
}

/** Begins on a line of its own, whatever was left unfinished before. */
async function append(file: string, lines: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(`\n${lines}`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
