import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskError, RecordingError, type RecordingErrorCode } from './recording-error.ts';
import type { RecordingIndex } from './recording-index.ts';

export interface DiskState {
  /** For us, bytes; 0 while it cannot be told. */
  readonly freeBytes: number;
  /** Why nothing can be written. */
  readonly failure: RecordingErrorCode | undefined;
}

export interface RecordingDisk {
  /** Looks whether the disk is there, is the same, and takes a write. Never rejects, and takes at most a few seconds. */
  check(): Promise<DiskState>;
  /**
   * Whether the folder is still that of our disk: to be asked before something is made in it.
   * @throws RecordingError DISK_MISSING, or what the file system throws
   */
  verify(): Promise<void>;
}

/** Tells our disk from the empty folder that it is mounted on. */
const MARKER = 'dipper-recordings';
/** Whoever replaced the disk says so with an empty file of this name. */
const NEW_DISK = 'dipper-new-disk';
const PROBE = '.dipper-probe';
/** A disk that does not take a few bytes in this time does not take a camera's stream either. */
const CHECK_PATIENCE_MS = 4_000;

/**
 * @param index remembers which disk the recordings lie on, so it should lie on another
 * @param onReplaced an operator said that the disk is a new one: what the index knew is gone
 */
export function createRecordingDisk(dir: string, index: RecordingIndex, onReplaced: () => void): RecordingDisk {
  let pending: Promise<DiskState> | undefined;

  /** @returns the id of the disk that is mounted; undefined when it has none */
  async function readMarker(): Promise<string | undefined> {
    try {
      return (await readFile(join(dir, MARKER), 'utf8')).trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** @throws RecordingError DISK_MISSING, or what the file system throws */
  async function recognise(): Promise<void> {
    const known = index.diskId();
    // Only what was never there is made: the folder of a disk that is not mounted would fill the wrong one.
    if (known === undefined) await mkdir(dir, { recursive: true, mode: 0o700 });
    const found = await readMarker();
    if (found !== undefined && (found === known || known === undefined)) return index.setDiskId(found);
    if (known !== undefined) {
      const isNew = await rm(join(dir, NEW_DISK)).then(
        () => true,
        () => false,
      );
      if (!isNew) throw new RecordingError('DISK_MISSING');
      onReplaced();
    }
    const id = found ?? randomUUID();
    if (found === undefined) await writeFile(join(dir, MARKER), `${id}\n`, { flag: 'wx', mode: 0o600 });
    index.setDiskId(id);
  }

  async function verify(): Promise<void> {
    if ((await readMarker()) !== index.diskId()) throw new RecordingError('DISK_MISSING');
  }

  async function probe(): Promise<void> {
    const path = join(dir, PROBE);
    const file = await open(path, 'w', 0o600);
    try {
      await file.write(Buffer.alloc(512, 1));
      await file.datasync();
    } finally {
      await file.close();
    }
    // The disk may have gone since it was recognised: then the probe lies in the folder it was mounted on.
    await verify().catch(async (error: unknown) => {
      await rm(path, { force: true });
      throw error;
    });
  }

  async function look(): Promise<DiskState> {
    let freeBytes = 0;
    try {
      await recognise();
      const { bavail, bsize } = await statfs(dir);
      freeBytes = bavail * bsize;
      await probe();
      return { freeBytes, failure: undefined };
    } catch (error) {
      return { freeBytes, failure: diskError(error).code };
    }
  }

  return {
    verify,
    async check() {
      // A look that hangs is waited for, not repeated: each would take a thread of the pool with it.
      pending ??= look().finally(() => {
        pending = undefined;
      });
      const patience = new AbortController();
      const late = sleep(CHECK_PATIENCE_MS, { freeBytes: 0, failure: 'DISK_SLOW' } as const, {
        signal: patience.signal,
      }).catch(() => ({ freeBytes: 0, failure: 'DISK_SLOW' }) as const);
      try {
        return await Promise.race([pending, late]);
      } finally {
        patience.abort();
      }
    },
  };
}
