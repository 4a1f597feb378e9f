import { randomBytes } from 'node:crypto';
import { chmod, chown, open, readFile, rename, rm, stat } from 'node:fs/promises';

/** A line of Mosquitto's password file; without a hash the user has no login any more. */
export interface BrokerLogin {
  readonly username: string;
  readonly passwordHash: string | null;
}

/** The broker runs as somebody else, and reads it again while it runs. A file that is there keeps its mode and owner. */
const NEW_FILE_MODE = 0o644;

/** The text with these logins in it; lines of anybody else, the hub's for one, stay as and where they are. */
export function mergeBrokerLogins(text: string, logins: readonly BrokerLogin[]): string {
  const waiting = new Map(logins.map(({ username, passwordHash }) => [username, passwordHash]));
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const kept = lines.flatMap((line) => {
    const username = line.slice(0, line.indexOf(':'));
    const hash = waiting.get(username);
    if (hash === undefined) return [line];
    waiting.delete(username);
    return hash === null ? [] : [`${username}:${hash}`];
  });
  const added = [...waiting].flatMap(([username, hash]) => (hash === null ? [] : [`${username}:${hash}`]));
  return [...kept, ...added].map((line) => `${line}\n`).join('');
}

/**
 * Brings the password file of the broker up to date, whole or not at all: a broker never reads half a file.
 * @returns whether it had to be changed
 */
export async function writeBrokerLogins(file: string, logins: readonly BrokerLogin[]): Promise<boolean> {
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const after = mergeBrokerLogins(before, logins);
  if (after === before) return false;
  const unfinished = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(after);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const old = await stat(file).catch(() => undefined);
    await chmod(unfinished, (old?.mode ?? NEW_FILE_MODE) & 0o777);
    // Only root can, and only root has to.
    if (old !== undefined) await chown(unfinished, old.uid, old.gid).catch(() => undefined);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return true;
}
