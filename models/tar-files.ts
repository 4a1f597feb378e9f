import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

const BLOCK = 512;
/** No file that we pin is larger; a size beyond it is a broken archive, not a reason to take the memory. */
const MAX_FILE_BYTES = 256 * 2 ** 20;

/**
 * Reads the named files out of an npm tarball: a gzipped ustar archive (POSIX.1-2001, `pax` records for long paths) whose
 * entries lie under one folder, usually `package/`. A reader of our own instead of a dependency: whatever it gives is
 * compared with a pinned sha256, so a reader that got something wrong can only fail, and nothing is written by the
 * archive's own names.
 *
 * @param paths paths inside the package, without the leading folder
 * @returns the files found, by those paths
 * @throws Error when the archive is cut short or not one
 */
export async function readTarFiles(
  tarball: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, Buffer>> {
  const wanted = new Set(paths);
  const found = new Map<string, Buffer>();
  await pipeline(
    createReadStream(tarball),
    createGunzip(),
    async (source: AsyncIterable<Buffer>) => {
      for await (const entry of tarEntries(source, (path) => wanted.has(path))) found.set(entry.path, entry.content);
    },
    signal === undefined ? {} : { signal },
  );
  return found;
}

interface TarEntry {
  readonly path: string;
  readonly content: Buffer;
}

/** Yields the regular files that `isWanted` takes; the others are passed over without being kept. */
async function* tarEntries(
  source: AsyncIterable<Buffer> | Readable,
  isWanted: (path: string) => boolean,
): AsyncGenerator<TarEntry> {
  const reader = createBlockReader(source);
  let longPath: string | undefined;
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header === undefined || header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(text(header, 124, 12), 8);
    if (!isChecksumRight(header) || !Number.isInteger(size) || size > MAX_FILE_BYTES) {
      throw new Error('the archive has a broken header');
    }
    const type = text(header, 156, 1);
    const prefix = text(header, 345, 155);
    const name = longPath ?? (prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`);
    longPath = undefined;
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    const path = name.slice(name.indexOf('/') + 1);
    const isFile = type === '0' || type === '';
    if (type === 'x' || (isFile && isWanted(path))) {
      const block = await reader.take(padded);
      if (block === undefined) throw new Error('the archive is cut short');
      const content = block.subarray(0, size);
      if (type === 'x') longPath = paxPath(content);
      else yield { path, content };
    } else if (!(await reader.skip(padded))) {
      throw new Error('the archive is cut short');
    }
  }
}

function createBlockReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  async function more(): Promise<boolean> {
    const next = await chunks.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  }
  return {
    /** Exactly so many bytes, or undefined at the end of the archive. */
    async take(length: number): Promise<Buffer | undefined> {
      const parts: Buffer[] = [];
      let missing = length;
      while (missing > 0) {
        if (rest.length === 0 && !(await more())) return undefined;
        const part = rest.subarray(0, missing);
        parts.push(part);
        rest = rest.subarray(part.length);
        missing -= part.length;
      }
      return Buffer.concat(parts);
    },
    async skip(length: number): Promise<boolean> {
      let missing = length;
      while (missing > 0) {
        if (rest.length === 0 && !(await more())) return false;
        const passed = Math.min(missing, rest.length);
        rest = rest.subarray(passed);
        missing -= passed;
      }
      return true;
    },
  };
}

function text(header: Buffer, offset: number, length: number): string {
  const field = header.toString('utf8', offset, offset + length);
  const end = field.indexOf('\0');
  return (end < 0 ? field : field.slice(0, end)).trim();
}

/** The sum of all header bytes, those of the checksum field itself counted as spaces. */
function isChecksumRight(header: Buffer): boolean {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum === Number.parseInt(text(header, 148, 8), 8);
}

/** Records of a pax header read `length key=value\n`. */
function paxPath(content: Buffer): string | undefined {
  return /^\d+ path=(.*)$/m.exec(content.toString('utf8'))?.[1];
}
