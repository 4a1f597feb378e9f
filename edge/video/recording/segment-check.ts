import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecordingError } from './recording-error.ts';
import type { RecordingIndex, SegmentRow } from './recording-index.ts';
import { type ScannedGroups, scanGroups } from './segment-format.ts';

export interface CheckReport {
  /** Segments that were being written when the process or the power went, and are whole again. */
  readonly mended: number;
  /** Bytes of unfinished groups that were cut off. */
  readonly cutBytes: number;
  /** Segments of which nothing could be used. */
  readonly lost: number;
  /** Files that the index did not know. */
  readonly found: number;
}

/**
 * Brings index and files together at the start: a segment that was being written is cut behind its last whole group. An
 * index that is empty although there are files is made anew from them.
 *
 * @throws what the file system throws
 */
export async function checkSegments(dir: string, index: RecordingIndex, nowMs: number): Promise<CheckReport> {
  const report = { mended: 0, cutBytes: 0, lost: 0, found: 0 };
  if (index.isEmpty()) {
    for (const row of await listUnknown(dir)) {
      index.insert(row);
      report.found++;
    }
  }
  for (const row of index.listOpen()) {
    const outcome = await mend(dir, index, row);
    if (outcome === undefined) {
      await rm(join(dir, row.path), { force: true });
      index.remove([row], 'damaged', nowMs);
      report.lost++;
    } else {
      report.mended++;
      report.cutBytes += outcome;
    }
  }
  return report;
}

/** @returns bytes cut off; undefined when nothing is left */
async function mend(dir: string, index: RecordingIndex, row: SegmentRow): Promise<number | undefined> {
  const path = join(dir, row.path);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const scanned = bytes === undefined ? undefined : tryScan(bytes, row.bytes);
  if (bytes === undefined || scanned?.endedAtMs === undefined) return undefined;
  const { groups, pictures, endOffset, endedAtMs } = scanned;
  if (endOffset < bytes.length) await truncate(path, endOffset);
  index.grow(row.id, { groups, pictures, bytes: endOffset, endedAtMs });
  index.close(row.id);
  return bytes.length - endOffset;
}

function tryScan(bytes: Buffer, wholeUntil: number): ScannedGroups | undefined {
  try {
    return scanGroups(bytes, wholeUntil);
  } catch (error) {
    if (isRecordingError(error, 'RECORDING_DAMAGED')) return undefined;
    throw error;
  }
}

const SEGMENT_PATH = /^([a-z0-9-]+)\/(\d{4}-\d{2}-\d{2})\/(\d{2})(\d{2})(\d{2})(\d{3})-[0-9a-f]{8}\.mp4$/;

/** Files that are named as segments are, with the time in their name. */
async function listUnknown(dir: string): Promise<Pick<SegmentRow, 'device' | 'path' | 'startedAtMs'>[]> {
  const names = await readdir(dir, { recursive: true });
  return names.flatMap((path) => {
    const [, device, day, hour, minute, second, ms] = SEGMENT_PATH.exec(path) ?? [];
    if (device === undefined) return [];
    return [{ device, path, startedAtMs: Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`) }];
  });
}
