import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MAX_ATTACHMENT_BYTES } from '@dipper/contract/api/case-attachment';
import { DipperError } from '@dipper/contract/errors';
import { type DrawnPicture, drawAnew, type PictureType, pictureTypeOf, SIGNATURE_BYTES } from './case-picture.ts';
import { keptPictureFile } from './kept-picture.ts';
import { createPictureTurns } from './picture-turns.ts';

/** Nobody takes so long to send a picture: the server gives a request half a minute. */
const ABANDONED_AFTER_MS = 3_600_000;
/** A picture as large as is let in takes up to 200 MB while it is drawn. */
const DRAWN_AT_ONCE = 2;
/** More than this wait longer for their turn than a request may last. */
const MAX_WAITING = 16;

/** A picture that lies in the folder, and in no table yet. */
export interface KeptPicture extends DrawnPicture {
  readonly id: string;
  readonly mime: PictureType;
  /** Of the file as it is kept. */
  readonly sha256: Buffer;
}

export interface CaseMediaStore {
  /**
   * Takes in a picture and draws it anew. Leaves nothing behind when it is cut off or refused.
   * @throws DipperError ATTACHMENT_TYPE_REFUSED, ATTACHMENT_UNREADABLE, ATTACHMENT_TOO_MANY_PIXELS, ATTACHMENTS_BUSY,
   *   MESSAGE_TOO_LARGE
   */
  receive(body: Readable): Promise<KeptPicture>;
  /** To be called once its row is committed: from then on the sweep leaves it alone. */
  settle(id: string): Promise<void>;
  /** Undefined when the file is gone. */
  read(id: string): Promise<Readable | undefined>;
  remove(id: string): Promise<void>;
  /** Removes what a crash left half way, an hour later. @param isKnown whether a picture has a row */
  sweep(nowMs: number, isKnown: (id: string) => Promise<boolean>): Promise<void>;
}

/**
 * Pictures in a folder: `incoming/<id>.part` while they come, then drawn as `incoming/<id>` and linked to `kept/<id>`.
 * What still lies in `incoming` has no row for certain, or one that was committed a moment before a crash.
 */
export function createCaseMediaStore(dir: string): CaseMediaStore {
  const turns = createPictureTurns(DRAWN_AT_ONCE, MAX_WAITING);
  const incoming = (name: string): string => join(dir, 'incoming', name);
  const kept = (id: string): string => keptPictureFile(dir, id);
  const removeAll = async (id: string): Promise<void> => {
    await Promise.all([incoming(`${id}.part`), incoming(id), kept(id)].map((file) => rm(file, { force: true })));
  };
  return {
    async receive(body) {
      const id = randomUUID();
      await Promise.all([incoming(''), kept('')].map((each) => mkdir(each, { recursive: true, mode: 0o700 })));
      try {
        await pipeline(body, limited(MAX_ATTACHMENT_BYTES), createWriteStream(incoming(`${id}.part`), { mode: 0o600 }));
        const mime = pictureTypeOf(await startOf(incoming(`${id}.part`)));
        if (mime === undefined) throw new DipperError('ATTACHMENT_TYPE_REFUSED');
        const drawn = await turns.take(() => drawAnew(incoming(`${id}.part`), incoming(id), mime));
        await syncFile(incoming(id));
        const sha256 = createHash('sha256')
          .update(await readFile(incoming(id)))
          .digest();
        await link(incoming(id), kept(id));
        await rm(incoming(`${id}.part`));
        return { ...drawn, id, mime, sha256 };
      } catch (error) {
        await removeAll(id);
        throw error;
      }
    },
    settle: (id) => rm(incoming(id), { force: true }),
    async read(id) {
      try {
        return (await open(kept(id))).createReadStream();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    remove: removeAll,
    async sweep(nowMs, isKnown) {
      const names = await readdir(incoming('')).catch(() => []);
      for (const name of names) {
        const { mtimeMs } = await stat(incoming(name)).catch(() => ({ mtimeMs: nowMs }));
        if (nowMs - mtimeMs < ABANDONED_AFTER_MS) continue;
        const id = name.replace('.part', '');
        if (await isKnown(id)) await rm(incoming(name), { force: true });
        else await removeAll(id);
      }
    },
  };
}

function limited(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > maxBytes ? new DipperError('MESSAGE_TOO_LARGE') : null, chunk);
    },
  });
}

async function startOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
