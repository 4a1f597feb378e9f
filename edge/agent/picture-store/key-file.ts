import { randomBytes } from 'node:crypto';
import { mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Logger } from 'pino';
import { syncDirectory } from './durable.ts';
import { MediaError } from './media-error.ts';

const KEY_BYTES = 32;
/** Any right for group or others. */
const OTHERS = 0o077;

async function readKey(path: string): Promise<Buffer | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    // Looked at through the open file, so that nobody can exchange it between the look and the reading.
    const { mode, uid } = await handle.stat();
    const self = process.getuid?.();
    const isForeign = self !== undefined && uid !== self && uid !== 0;
    if (self !== undefined && ((mode & OTHERS) !== 0 || isForeign)) {
      throw new MediaError('MEDIA_KEY_PERMISSIONS', { path });
    }
    const text = (await handle.readFile('utf8')).trim();
    const key = Buffer.from(text, 'base64');
    if (key.length !== KEY_BYTES || key.toString('base64') !== text)
      throw new MediaError('MEDIA_KEY_INVALID', { path });
    return key;
  } finally {
    await handle.close();
  }
}

async function createKey(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(`${key.toString('base64')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(dirname(path));
  return key;
}

export interface KeyFileOptions {
  readonly path: string;
  /** Where the pictures are; the key must not lie there. */
  readonly pictureDir: string;
  /** Whether pictures exist that only the old key can open: then a missing key is an error, not an occasion for a new one. */
  readonly isNeeded: boolean;
  readonly log: Logger;
}

/** A directory that may not exist yet, with links followed as far as it does. */
async function realDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return realpath(path);
}

/**
 * Reads the master key, 32 bytes, or makes one where there is none.
 *
 * @throws MediaError MEDIA_KEY_PERMISSIONS when others may read the file, MEDIA_KEY_INVALID, MEDIA_KEY_MISSING,
 *   MEDIA_KEY_MISPLACED
 */
export async function loadMasterKey(options: KeyFileOptions): Promise<Buffer> {
  const { path, log } = options;
  const [keyDir, pictureDir] = [await realDirectory(dirname(path)), await realDirectory(options.pictureDir)];
  if (join(keyDir, sep).startsWith(join(pictureDir, sep))) throw new MediaError('MEDIA_KEY_MISPLACED', { path });
  const existing = await readKey(path);
  if (existing !== undefined) return existing;
  if (options.isNeeded) throw new MediaError('MEDIA_KEY_MISSING', { path });
  const created = await createKey(path);
  log.warn({ keyFile: path }, 'made a new key for pictures; keep a copy of the file away from this machine');
  return created;
}
