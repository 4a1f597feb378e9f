import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a file that its owner alone may read, unless it is there: copies of the hub that start for the first time at the
 * same moment end up with one content, and none of them reads a half of it.
 */
export function makeKeyFile(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = draftOf(file);
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
    // Unlike a rename, a link takes nobody's place.
    linkSync(draft, file);
  } catch (error) {
    // Another copy was first: its key is the key.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Puts another content into a file that its owner alone may read; after a crash it holds the one or the other. */
export function replaceKeyFile(file: string, content: string): void {
  replace(file, content, 0o600);
}

/** Writes a file that everybody may read, in one piece, whatever was there. */
export function writePublicFile(file: string, content: string): void {
  replace(file, content, 0o644);
}

function replace(file: string, content: string, mode: number): void {
  const draft = draftOf(file);
  try {
    writeFileSync(draft, content, { mode, flag: 'wx', flush: true });
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function draftOf(file: string): string {
  return `${file}.${randomUUID()}`;
}
