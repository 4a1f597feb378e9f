import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { InitSegment } from '../init-segment.ts';
import type { VideoUnit } from '../ring.ts';
import { diskError, type RecordingErrorCode } from './recording-error.ts';
import { LONGEST_SEGMENT_MS, type RecordingIndex } from './recording-index.ts';
import { type GroupEntry, groupBytes, groupEndMs } from './segment-format.ts';

export interface SegmentWriterOptions {
  readonly device: string;
  readonly dir: string;
  readonly index: RecordingIndex;
  /** Whether `dir` is still where it should be; throws when not. */
  readonly verifyDisk: () => Promise<void>;
  /** Milliseconds that never jump. */
  readonly monotonicMs: () => number;
  /** A segment that has lasted this long ends with its group. Default one minute. */
  readonly segmentMs?: number;
}

/** Writes one stream to disk, a whole group at a time. Not for two callers at once. */
export interface SegmentWriter {
  /**
   * Adds a group to the segment, or begins another one. What a failed write left behind is cut off again.
   * @throws RecordingError DISK_…
   */
  append(units: readonly VideoUnit[]): Promise<void>;
  /** Since when a write has been waiting for the disk, by the monotonic clock. */
  busySinceMs(): number | undefined;
  /** Why the last group could not be written; undefined when it was. */
  failure(): RecordingErrorCode | undefined;
  close(): Promise<void>;
}

const DEFAULT_SEGMENT_MS = 60_000;
/** A minute of 8 Mbit/s; above it a segment ends early. */
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
/** Pictures further apart than this, or going back in time, do not belong to one segment: its groups follow each other. */
const MAX_GAP_MS = 1_000;

interface OpenSegment {
  readonly id: number;
  readonly path: string;
  readonly file: FileHandle;
  readonly init: InitSegment;
  readonly startedAtMs: number;
  readonly groups: GroupEntry[];
  endedAtMs: number;
  bytes: number;
  pictures: number;
}

export function createSegmentWriter(options: SegmentWriterOptions): SegmentWriter {
  const { device, dir, index, monotonicMs, verifyDisk } = options;
  const segmentMs = Math.min(options.segmentMs ?? DEFAULT_SEGMENT_MS, LONGEST_SEGMENT_MS / 2);
  let current: OpenSegment | undefined;
  let busySinceMs: number | undefined;
  let failure: RecordingErrorCode | undefined;

  async function begin({ atMs, init }: VideoUnit): Promise<OpenSegment> {
    await verifyDisk();
    const path = pathOf(device, atMs);
    // The row first: a file without a row would never be found again.
    const id = index.insert({ device, path, startedAtMs: atMs });
    const full = join(dir, path);
    let file: FileHandle | undefined;
    try {
      // Not recursive: the folder of a disk that has gone is not to be made.
      await mkdir(dirname(dirname(full)), { mode: 0o700 }).catch(unlessThere);
      await mkdir(dirname(full), { mode: 0o700 }).catch(unlessThere);
      file = await open(full, 'wx', 0o600);
      // A disk that went since it was looked at leaves the empty folder it was mounted on, and that was begun to be filled.
      await verifyDisk();
      return { id, path, file, init, startedAtMs: atMs, groups: [], endedAtMs: atMs, bytes: 0, pictures: 0 };
    } catch (error) {
      index.discard(id);
      await file?.close().catch(() => undefined);
      await takeAway(full, file !== undefined);
      throw error;
    }
  }

  async function end(): Promise<void> {
    const segment = current;
    current = undefined;
    if (segment === undefined) return;
    try {
      if (segment.bytes > 0) await segment.file.datasync();
    } finally {
      await segment.file.close();
    }
    if (segment.bytes > 0) index.close(segment.id);
    else {
      await rm(join(dir, segment.path), { force: true });
      index.discard(segment.id);
    }
  }

  async function write(segment: OpenSegment, bytes: Buffer): Promise<void> {
    try {
      let written = 0;
      while (written < bytes.length) {
        const position = segment.bytes + written;
        written += (await segment.file.write(bytes, written, bytes.length - written, position)).bytesWritten;
      }
    } catch (error) {
      await segment.file.truncate(segment.bytes).catch(() => undefined);
      throw error;
    }
  }

  async function add(units: readonly VideoUnit[], first: VideoUnit): Promise<void> {
    const group = groupBytes(units);
    if (current !== undefined && !continues(current, first, group.length, segmentMs)) await end();
    const segment = current ?? (await begin(first));
    current = segment;
    const head = segment.bytes === 0 ? segment.init.bytes : Buffer.alloc(0);
    await write(segment, Buffer.concat([head, group]));
    segment.groups.push({ offset: segment.bytes + head.length, atMs: first.atMs });
    segment.bytes += head.length + group.length;
    segment.pictures += units.length;
    segment.endedAtMs = groupEndMs(units);
    index.grow(segment.id, segment);
  }

  return {
    async append(units) {
      const [first] = units;
      if (first === undefined) return;
      busySinceMs = monotonicMs();
      try {
        await add(units, first);
        failure = undefined;
      } catch (error) {
        await end().catch(() => undefined);
        const cause = diskError(error);
        failure = cause.code;
        throw cause;
      } finally {
        busySinceMs = undefined;
      }
    },
    busySinceMs: () => busySinceMs,
    failure: () => failure,
    close: async () => {
      try {
        await end();
      } catch (error) {
        throw diskError(error);
      }
    },
  };
}

function continues(segment: OpenSegment, { init, atMs }: VideoUnit, groupLength: number, segmentMs: number): boolean {
  return (
    segment.init === init &&
    atMs - segment.startedAtMs < segmentMs &&
    Math.abs(atMs - segment.endedAtMs) <= MAX_GAP_MS &&
    segment.bytes + groupLength <= MAX_SEGMENT_BYTES
  );
}

/** `<device>/<day>/<time>-<random>.mp4`, in UTC: for people who look into the folder; the index is what counts. */
function pathOf(device: string, atMs: number): string {
  const [day = '', time = ''] = new Date(atMs).toISOString().split('T');
  return join(device, day, `${time.replace(/[:.Z]/g, '')}-${randomBytes(4).toString('hex')}.mp4`);
}

/** Takes away what was made for a segment that was not begun: its file, and its folders where nothing else lies in them. */
async function takeAway(path: string, isMade: boolean): Promise<void> {
  if (isMade) await rm(path, { force: true }).catch(() => undefined);
  for (const folder of [dirname(path), dirname(dirname(path))]) await rmdir(folder).catch(() => undefined);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
