import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { VideoClock } from '../clock.ts';
import type { Ring, VideoUnit } from '../ring.ts';
import { isRecordingError, type RecordingErrorCode } from './recording-error.ts';
import type { RecordingStore } from './recording-store.ts';

export interface RecorderOptions {
  readonly device: string;
  readonly ring: Pick<Ring, 'reader'>;
  readonly store: Pick<RecordingStore, 'writer' | 'disk' | 'settle'>;
  /** `continuous`, or only around what happens: from so long before until so long after it. */
  readonly mode: 'continuous' | { readonly preRollMs: number; readonly postRollMs: number };
  readonly clock: VideoClock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface RecorderStats {
  readonly isRecording: boolean;
  readonly groups: number;
  /** Groups that were filmed and could not be kept. */
  readonly lostGroups: number;
  /** Pictures that had left the ring before the disk took them. */
  readonly skipped: number;
  readonly failure: RecordingErrorCode | undefined;
}

export interface Recorder {
  /** Something happened at this time (ms since 1970): in event mode, the stretch around it is kept. */
  trigger(atMs: number): void;
  stats(): RecorderStats;
  /** Resolves when the signal or the ring has ended the recorder and its file is closed. Never rejects. */
  readonly done: Promise<void>;
}

/** After a failed write; the store looks at its disk as often. */
const FAILURE_PAUSE_MS = 1_000;

/** Writes what a ring keeps to disk, untouched and in whole groups: what SIGKILL can take is the group being filmed. */
export function startRecorder(options: RecorderOptions): Recorder {
  const { device, ring, store, mode, log, signal } = options;
  const writer = store.writer(device);
  let wantedUntilMs = mode === 'continuous' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let wake = Promise.withResolvers<number>();
  let groups = 0;
  let lostGroups = 0;
  let skipped = 0;
  let isRecording = false;
  /** What begins before this is on disk already. */
  let keptUntilMs = Number.NEGATIVE_INFINITY;
  let failure: RecordingErrorCode | undefined;

  function fail(code: RecordingErrorCode): void {
    if (failure === undefined) log.error({ device, code }, 'not recording');
    failure = code;
    lostGroups++;
  }

  /** Keeps a group, with a second try once the store has made room. */
  async function keep(units: readonly VideoUnit[]): Promise<void> {
    if (units.length === 0) return;
    const { isWritable, failure: known = 'DISK_FAILED' } = store.disk();
    if (!isWritable) return fail(known);
    for (const isLastTry of [false, true]) {
      try {
        await writer.append(units);
        if (failure !== undefined) log.info({ device, lostGroups }, 'recording again');
        failure = undefined;
        groups++;
        return;
      } catch (error) {
        const code = isRecordingError(error) ? error.code : 'DISK_FAILED';
        if (isLastTry || (await store.settle()).failure !== undefined) {
          log.debug({ device, err: error }, 'a group could not be written');
          fail(code);
          await sleep(FAILURE_PAUSE_MS, undefined, { signal }).catch(() => undefined);
          return;
        }
      }
    }
  }

  /** Records from the group that shows this time on, until nobody wants it any more. */
  async function record(from: 'latest-key' | { readonly atMs: number }): Promise<void> {
    const reader = ring.reader({ from, signal });
    const skippedBefore = skipped;
    let group: VideoUnit[] = [];
    isRecording = true;
    for await (const unit of reader) {
      skipped = skippedBefore + reader.skipped;
      if (unit.fragment.isKey) {
        await keep(group);
        group = [];
        keptUntilMs = unit.atMs;
        if (unit.atMs > wantedUntilMs) break;
      }
      group.push(unit);
    }
    isRecording = false;
    // We are stopping: what there is of the group can be played.
    await keep(group);
    await writer.close();
  }

  async function run(): Promise<void> {
    const stopped = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    if (mode === 'continuous') return record('latest-key');
    while (!signal.aborted) {
      const atMs = await Promise.race([wake.promise, stopped]);
      if (atMs === undefined) return;
      wake = Promise.withResolvers<number>();
      await record({ atMs: Math.max(atMs - mode.preRollMs, keptUntilMs) });
    }
  }

  return {
    trigger(atMs) {
      if (mode === 'continuous') return;
      wantedUntilMs = Math.max(wantedUntilMs, atMs + mode.postRollMs);
      if (!isRecording) wake.resolve(atMs);
    },
    stats: () => ({ isRecording, groups, lostGroups, skipped, failure }),
    done: run().catch((error: unknown) => log.error({ device, err: error }, 'the recorder has ended')),
  };
}
