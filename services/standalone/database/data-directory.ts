import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Two processes on one data directory would destroy it. */
export class DatabaseInUseError extends Error {
  readonly code = 'DATABASE_IN_USE';
}

/**
 * Claims a data directory for this process. The claim is SQLite's lock on a small file: the operating system gives it
 * up with the process however that ends, so no stale lock has to be cleared by hand, and no process id is guessed at.
 *
 * @returns the function that gives the directory up
 * @throws DatabaseInUseError when another process holds it
 */
export function claimDataDirectory(dir: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dir, 'in-use.lock'), { timeout: 0 });
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (cause) {
    lock.close();
    throw new DatabaseInUseError(
      `The data directory ${dir} is in use by another process. Stop that one, or choose another directory.`,
      { cause },
    );
  }
  return () => lock.close();
}
