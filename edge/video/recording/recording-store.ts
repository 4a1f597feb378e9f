import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { VideoClock } from '../clock.ts';
import { createRecordingDisk } from './recording-disk.ts';
import { diskError, type RecordingErrorCode } from './recording-error.ts';
import { type EvidenceLock, openRecordingIndex, type RecordingIndex } from './recording-index.ts';
import { listStretches, type RecordedPiece, type RecordedStretch, readRecording } from './recording-reader.ts';
import { createRecordingRetention, type RecordingBudget } from './recording-retention.ts';
import { type CheckReport, checkSegments } from './segment-check.ts';
import { createSegmentWriter, type SegmentWriter } from './segment-writer.ts';

export interface RecordingStoreOptions {
  readonly dir: string;
  /** Better on another disk than the recordings: it is what tells that theirs is missing. */
  readonly indexPath: string;
  /** So much of the disk stays free; recordings go before their time for it. */
  readonly minFreeBytes: number;
  readonly budgets: ReadonlyMap<string, RecordingBudget>;
  /** Called when the disk begins or ceases to be short or to fail. */
  readonly onDisk: (standing: DiskStanding) => void;
  readonly clock: VideoClock;
  readonly log: Logger;
  /** How often the disk is looked at. Default 3,000: with the patience of one look, trouble is noticed within 10 s. */
  readonly checkEveryMs?: number;
  readonly segmentMs?: number;
}

export interface DiskStanding {
  readonly freeBytes: number;
  /** Why nothing can be written; undefined also when there is merely less room than there should be. */
  readonly failure: RecordingErrorCode | undefined;
  /** Recordings go before their time, or nothing can be recorded. */
  readonly isLow: boolean;
  /** Whether it is worth while to try: the disk is there and took a few bytes. */
  readonly isWritable: boolean;
}

export interface RecordingStore {
  /** What was put right at the start; undefined while the disk was not there. */
  readonly checked: CheckReport | undefined;
  writer(device: string): SegmentWriter;
  disk(): DiskStanding;
  /** Looks at the disk now, and makes room if it is short: for whoever could not write. */
  settle(): Promise<DiskStanding>;
  read(range: {
    readonly device: string;
    readonly fromMs: number;
    readonly untilMs: number;
  }): AsyncIterable<RecordedPiece>;
  stretches(device: string, fromMs: number, untilMs: number): RecordedStretch[];
  /** Keeps a stretch of time as evidence; the same id again changes the lock. */
  lock(lock: EvidenceLock): void;
  unlock(id: string): boolean;
  index(): Pick<
    RecordingIndex,
    'listLocks' | 'removals' | 'bytesOf' | 'listBetween' | 'listTimesBetween' | 'extentOf' | 'nextStart'
  >;
  /** Whether what is being filmed waits for the disk: who only reads from it waits until it does not. */
  isBusy(): boolean;
  /** Ends the watch over the disk and closes the index; to be called when all recorders are done. */
  close(): Promise<void>;
}

const DEFAULT_CHECK_EVERY_MS = 3_000;
/** A group that takes longer to write than it lasts means that the disk does not keep up. */
const SLOW_WRITE_MS = 5_000;

/** A group takes milliseconds to write; whoever reads gives way to one that takes longer. */
const BUSY_WRITE_MS = 250;

/** A full disk is emptied by so much at a time: a few groups of a large stream. */
const ROOM_TO_GO_ON_BYTES = 4 * 1024 * 1024;

/** Opens the recordings of all cameras and looks after their disk until it is closed. */
export async function openRecordingStore(options: RecordingStoreOptions): Promise<RecordingStore> {
  const { dir, clock, log, minFreeBytes } = options;
  const stop = new AbortController();
  const { signal } = stop;
  await mkdir(dirname(options.indexPath), { recursive: true });
  const index = openRecordingIndex(options.indexPath);
  const retention = createRecordingRetention(dir, index);
  const writers: SegmentWriter[] = [];
  const disk = createRecordingDisk(dir, index, () => forgetAll(index, clock.nowMs(), log));
  let standing: DiskStanding = { freeBytes: 0, failure: undefined, isLow: false, isWritable: true };
  let checked: CheckReport | undefined;
  let settling: Promise<DiskStanding> | undefined;

  const isWriting = (longerThanMs: number): boolean => {
    const nowMs = clock.monotonicMs();
    return writers.some((writer) => nowMs - (writer.busySinceMs() ?? nowMs) > longerThanMs);
  };

  async function look(): Promise<DiskStanding> {
    let state = await disk.check();
    if (state.failure === undefined && isWriting(SLOW_WRITE_MS)) state = { ...state, failure: 'DISK_SLOW' };
    let writeFailure = writers.map((writer) => writer.failure()).find((code) => code !== undefined);
    const isFull = state.failure === 'DISK_FULL' || writeFailure === 'DISK_FULL';
    const isShort = isFull || state.freeBytes < minFreeBytes;
    try {
      if (state.failure === undefined || state.failure === 'DISK_FULL') {
        if (checked === undefined && state.failure === undefined) {
          checked = await checkSegments(dir, index, clock.nowMs());
          log.info(checked, 'recordings checked');
        }
        await retention.enforce(options.budgets, clock.nowMs());
        const wantedBytes = Math.max(minFreeBytes - state.freeBytes, isFull ? ROOM_TO_GO_ON_BYTES : 0);
        const freedBytes = isShort ? await retention.makeRoom(wantedBytes, clock.nowMs()) : 0;
        if (freedBytes > 0) {
          state = await disk.check();
          writeFailure = undefined; // to be tried again
        }
      }
    } catch (error) {
      state = { ...state, failure: diskError(error).code };
      log.warn({ err: error }, 'recordings could not be tidied up');
    }
    const failure = state.failure ?? writeFailure;
    const isLow = isShort || failure !== undefined;
    tell({ freeBytes: state.freeBytes, failure, isLow, isWritable: state.failure === undefined });
    return standing;
  }

  function tell(next: DiskStanding): void {
    const isNews = next.failure !== standing.failure || next.isLow !== standing.isLow;
    standing = next;
    if (!isNews) return;
    log[next.isLow ? 'warn' : 'info']({ ...next, minFreeBytes }, 'the disk of the recordings');
    options.onDisk(next);
  }

  const settle = (): Promise<DiskStanding> => {
    settling ??= look().finally(() => {
      settling = undefined;
    });
    return settling;
  };

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      await sleep(options.checkEveryMs ?? DEFAULT_CHECK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await settle();
    }
    await settling;
    index.end();
  }

  await settle();
  const done = watch();
  return {
    get checked() {
      return checked;
    },
    writer(device) {
      const { segmentMs } = options;
      const monotonicMs = () => clock.monotonicMs();
      const writer = createSegmentWriter({
        ...{ device, dir, index, monotonicMs, verifyDisk: disk.verify },
        ...(segmentMs !== undefined && { segmentMs }),
      });
      writers.push(writer);
      return writer;
    },
    disk: () => standing,
    settle,
    read: (range) => readRecording(dir, index, range),
    stretches: (device, fromMs, untilMs) => listStretches(index, device, fromMs, untilMs),
    lock: (lock) => index.lock(lock),
    unlock: (id) => index.unlock(id),
    index: () => index,
    isBusy: () => isWriting(BUSY_WRITE_MS),
    close() {
      stop.abort();
      return done;
    },
  };
}

/** Its files went with the old disk. */
function forgetAll(index: RecordingIndex, nowMs: number, log: Logger): void {
  const rows = index.listAll();
  index.remove(rows, 'disk-replaced', nowMs);
  log.warn({ segments: rows.length }, 'the disk of the recordings was replaced');
}
