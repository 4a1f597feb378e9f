import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RecordingIndex, RemovalReason, SegmentRow } from './recording-index.ts';

/** How much of a camera is kept: whichever limit comes first. */
export interface RecordingBudget {
  readonly retentionMs: number;
  readonly maxBytes: number;
}

export interface RecordingRetention {
  /** Removes what is over its time or its camera's bytes. */
  enforce(budgets: ReadonlyMap<string, RecordingBudget>, nowMs: number): Promise<void>;
  /**
   * Removes the oldest recordings of any camera before their time, until so many bytes are freed. What is locked as
   * evidence, and whatever is not a recording, stays.
   * @returns the bytes that were freed; fewer than asked for when no more may go
   */
  makeRoom(bytes: number, nowMs: number): Promise<number>;
}

/** Segments taken from the index at a time; between batches others come to their turn. */
const BATCH = 50;

/** @throws what the file system throws: a disk that is read-only keeps what is over its time */
export function createRecordingRetention(dir: string, index: RecordingIndex): RecordingRetention {
  /** The file first: what is left over of a crash is a row without a file, which goes with the next call. */
  async function remove(rows: readonly SegmentRow[], reason: RemovalReason, nowMs: number): Promise<void> {
    for (const { path } of rows) {
      await rm(join(dir, path), { force: true });
      // A day that is over leaves an empty folder.
      await rmdir(dirname(join(dir, path))).catch(() => undefined);
    }
    index.remove(rows, reason, nowMs);
  }

  async function expire(device: string, retentionMs: number, nowMs: number): Promise<void> {
    for (;;) {
      const rows = index.listRemovable({ device, endedBeforeMs: nowMs - retentionMs, limit: BATCH }, nowMs);
      await remove(rows, 'expired', nowMs);
      if (rows.length < BATCH) return;
    }
  }

  /** Removes the oldest of `list` until `bytes` are freed. */
  async function shrink(
    bytes: number,
    list: () => SegmentRow[],
    reason: RemovalReason,
    nowMs: number,
  ): Promise<number> {
    let freed = 0;
    while (freed < bytes) {
      const rows = list();
      let count = 0;
      for (let sum = freed; count < rows.length && sum < bytes; count++) sum += rows[count]?.bytes ?? 0;
      const going = rows.slice(0, count);
      if (going.length === 0) break;
      await remove(going, reason, nowMs);
      freed += going.reduce((sum, row) => sum + row.bytes, 0);
    }
    return freed;
  }

  return {
    async enforce(budgets, nowMs) {
      for (const [device, { retentionMs, maxBytes }] of budgets) {
        await expire(device, retentionMs, nowMs);
        const overBytes = index.bytesOf(device) - maxBytes;
        await shrink(overBytes, () => index.listRemovable({ device, limit: BATCH }, nowMs), 'over-budget', nowMs);
      }
    },
    makeRoom: (bytes, nowMs) => shrink(bytes, () => index.listRemovable({ limit: BATCH }, nowMs), 'evicted', nowMs),
  };
}
