import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { systemClock } from '../../link/clock.ts';
import { loadMasterKey } from './key-file.ts';
import { createLifeClock, type PictureClock } from './life-clock.ts';
import { MediaError } from './media-error.ts';
import { createPictureCipher } from './picture-cipher.ts';
import { openPictureFiles, type PictureFiles } from './picture-files.ts';
import { openPictureIndex, type PictureRow } from './picture-index.ts';

export interface PictureStoreOptions {
  /** Where the sealed pictures and their index go; made if missing. */
  readonly dir: string;
  /** The master key, elsewhere than `dir`, mode 0600; made if missing. */
  readonly keyFile: string;
  readonly retentionMs: number;
  /** The most that sealed pictures may take; the oldest that nobody holds make room. */
  readonly maxBytes: number;
  /** The hub's clock where it is known. Default: the machine's. */
  readonly clock?: PictureClock;
  /** How often pictures whose time is over are removed; opening one that is due fails before that. */
  readonly sweepIntervalMs?: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The place of the sealed files, when it is not a directory of the local disk. */
  readonly files?: PictureFiles;
}

/** As an event carries it (`media` of `face.captured`). */
export interface PictureReference {
  readonly ref: string;
  readonly mime: 'image/jpeg';
  readonly expiresAt: string;
}

export type PictureGone = { readonly status: 'expired' | 'erased' | 'unknown' };
export type OpenedPicture =
  | { readonly status: 'available'; readonly bytes: Buffer; readonly mime: 'image/jpeg'; readonly capturedAtMs: number }
  | PictureGone;
export type HeldPicture = { readonly status: 'held'; readonly until: string } | PictureGone;

export interface PictureStore {
  /**
   * Seals a JPEG picture and flushes it. When this rejects, nothing was kept: send the event with
   * `media: { unavailable: error.code }`.
   *
   * @throws MediaError MEDIA_NOT_JPEG, MEDIA_DISK_FULL, MEDIA_BUDGET_SPENT, MEDIA_STORE_CLOSED
   */
  put(jpeg: Uint8Array, about: { device: string; capturedAtMs: number }): Promise<PictureReference>;
  /** @throws MediaError MEDIA_CORRUPT when the file or its index row was altered */
  open(ref: string): Promise<OpenedPicture>;
  /** Keeps a picture beyond its time, for a case; the longest of several holds counts. */
  hold(ref: string, untilMs: number): HeldPicture;
  /** Removes what is due now. @returns how many pictures went */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

const DEFAULT_SWEEP_INTERVAL_MS = 60_000;
/** SQLITE_FULL, https://sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  return 'errcode' in error && error.errcode === SQLITE_FULL;
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes.length > 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function endsAtMs(row: PictureRow): number {
  return Math.max(row.expiresAtMs, row.holdUntilMs ?? 0);
}

/**
 * Keeps captured pictures on the edge: sealed before they touch the disk, gone after their time. A picture is never
 * written in the clear, neither to a temporary file nor to the database.
 *
 * @throws MediaError MEDIA_KEY_PERMISSIONS, MEDIA_KEY_INVALID, MEDIA_KEY_MISSING, MEDIA_KEY_WRONG, MEDIA_KEY_MISPLACED
 */
export async function createPictureStore(options: PictureStoreOptions): Promise<PictureStore> {
  const { dir, retentionMs, maxBytes, clock = systemClock, signal, log } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const index = openPictureIndex(join(dir, 'pictures.sqlite'));
  let isClosed = false;
  const nowMs = createLifeClock(clock, (step) => {
    index.redate(step, retentionMs);
    log.warn(
      { stepMs: Math.round(step.toMs - step.fromMs) },
      'the clock was set; pictures keep the rest of their time',
    );
  });

  async function unlock() {
    const isNeeded = index.hasKept();
    const path = options.keyFile;
    const cipher = createPictureCipher(await loadMasterKey({ path, pictureDir: dir, isNeeded, log }));
    if (isNeeded && index.keyId() !== cipher.keyId) throw new MediaError('MEDIA_KEY_WRONG', { path });
    index.setKeyId(cipher.keyId);
    const files = options.files ?? (await openPictureFiles(join(dir, 'sealed')));
    const strangers = await files.removeStrangers((ref) => index.find(ref)?.state === 'kept');
    if (strangers > 0) log.warn({ files: strangers }, 'removed files left over by an interrupted run');
    return { cipher, files };
  }

  const { cipher, files } = await unlock().catch((error: unknown) => {
    index.close();
    throw error;
  });

  // Writes and removals come one after another, so that two pictures cannot spend the same bytes of the budget.
  let queue: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(() => {
      if (isClosed) throw new MediaError('MEDIA_STORE_CLOSED');
      return work();
    });
    queue = result.catch(() => undefined);
    return result;
  }

  /** The file goes first: on a full disk that makes the room which the index needs to write that the key is gone. */
  async function end(refs: readonly string[], state: 'expired' | 'erased'): Promise<void> {
    await files.remove(refs);
    index.end(refs, state, nowMs());
  }

  async function makeRoom(bytes: number): Promise<void> {
    const excess = index.keptBytes() + bytes - maxBytes;
    if (excess <= 0) return;
    if (bytes > maxBytes) throw new MediaError('MEDIA_BUDGET_SPENT');
    const refs = index.listOldest(excess, nowMs());
    await end(refs, 'erased');
    if (refs.length > 0)
      log.warn({ pictures: refs.length }, 'erased pictures before their time: the byte budget is spent');
    if (index.keptBytes() + bytes > maxBytes) throw new MediaError('MEDIA_BUDGET_SPENT');
  }

  async function keep(jpeg: Uint8Array, about: { device: string; capturedAtMs: number }): Promise<PictureReference> {
    const ref = randomUUID();
    const { sealed, wrappedKey } = cipher.seal(jpeg, { ref, ...about });
    const expiresAtMs = nowMs() + retentionMs;
    try {
      await makeRoom(sealed.length);
      await files.write(ref, sealed);
      index.insert({ ref, ...about, expiresAtMs, sealedBytes: sealed.length, wrappedKey });
    } catch (error) {
      await files.remove([ref]);
      throw isDiskFull(error) ? new MediaError('MEDIA_DISK_FULL', { cause: error }) : error;
    }
    return { ref, mime: 'image/jpeg', expiresAt: new Date(expiresAtMs).toISOString() };
  }

  const sweep = () =>
    inTurn(async () => {
      const refs = index.listDue(nowMs());
      await end(refs, 'expired');
      return refs.length;
    });

  /** A picture that is there to be opened, or what to say of it instead. */
  function find(ref: string): { readonly row: PictureRow } | PictureGone {
    const atMs = nowMs(); // first: a clock that was set dates the rows anew
    const row = index.find(ref);
    if (row === undefined) return { status: 'unknown' };
    if (row.state !== 'kept') return { status: row.state };
    return endsAtMs(row) <= atMs ? { status: 'expired' } : { row };
  }

  const timer = setInterval(() => {
    sweep().catch((error: unknown) => log.error({ err: error }, 'pictures whose time is over could not be removed'));
  }, options.sweepIntervalMs ?? DEFAULT_SWEEP_INTERVAL_MS).unref();
  signal.addEventListener('abort', () => void close(), { once: true });

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= (async () => {
      clearInterval(timer);
      isClosed = true;
      await queue;
      index.close();
    })();
    return closing;
  }

  await sweep();
  if (signal.aborted) await close();

  return {
    async put(jpeg, about) {
      if (!isJpeg(jpeg)) throw new MediaError('MEDIA_NOT_JPEG');
      return inTurn(() => keep(jpeg, about));
    },

    async open(ref) {
      if (isClosed) throw new MediaError('MEDIA_STORE_CLOSED');
      const found = find(ref);
      if ('status' in found) return found;
      const { row } = found;
      if (row.wrappedKey === undefined) return { status: 'erased' };
      const sealed = await files.find(ref);
      if (sealed === undefined) {
        // It may have been removed while it was looked for.
        const now = isClosed ? undefined : find(ref);
        return now !== undefined && 'status' in now ? now : { status: 'erased' };
      }
      try {
        const bytes = cipher.open(sealed, row.wrappedKey, row);
        return { status: 'available', bytes, mime: 'image/jpeg', capturedAtMs: row.capturedAtMs };
      } catch (cause) {
        throw new MediaError('MEDIA_CORRUPT', { cause });
      }
    },

    hold(ref, untilMs) {
      if (isClosed) throw new MediaError('MEDIA_STORE_CLOSED');
      const found = find(ref);
      if ('status' in found) return found;
      index.hold(ref, untilMs);
      return { status: 'held', until: new Date(endsAtMs(index.find(ref) as PictureRow)).toISOString() };
    },

    sweep,
    close,
  };
}
