import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeDurably } from './durable.ts';

/** The sealed files, one per picture. Names come from the index, never from a request. */
export interface PictureFiles {
  write(ref: string, sealed: Uint8Array): Promise<void>;
  /** Undefined when there is no such file. */
  find(ref: string): Promise<Buffer | undefined>;
  remove(refs: readonly string[]): Promise<void>;
  /** Removes whatever does not belong to a picture that is kept: the leavings of a crash. @returns how many */
  removeStrangers(isKept: (ref: string) => boolean): Promise<number>;
}

const SUFFIX = '.sealed';

/** @param dir made if missing, for nobody else's eyes */
export async function openPictureFiles(dir: string): Promise<PictureFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const pathOf = (ref: string) => join(dir, `${ref}${SUFFIX}`);
  return {
    write: (ref, sealed) => writeDurably(pathOf(ref), sealed),

    async find(ref) {
      try {
        return await readFile(pathOf(ref));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },

    async remove(refs) {
      for (const ref of refs) await rm(pathOf(ref), { force: true });
      if (refs.length > 0) await syncDirectory(dir);
    },

    async removeStrangers(isKept) {
      const strangers = (await readdir(dir)).filter(
        (name) => !name.endsWith(SUFFIX) || !isKept(name.slice(0, -SUFFIX.length)),
      );
      for (const name of strangers) await rm(join(dir, name), { force: true });
      if (strangers.length > 0) await syncDirectory(dir);
      return strangers.length;
    },
  };
}
