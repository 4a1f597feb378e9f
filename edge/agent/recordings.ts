import type { EventDraft } from '@dipper/contract/events';
import type { Logger } from 'pino';
import type { Clock } from '../link/clock.ts';
import type { RecordingBudget } from '../video/recording/recording-retention.ts';
import { openRecordingStore, type RecordingStore } from '../video/recording/recording-store.ts';
import type { EdgeConfig } from './config/read-config.ts';

export interface RecordingsOptions {
  readonly config: Pick<EdgeConfig, 'recordings'>;
  /** Of the cameras that record; changes with the configuration. */
  readonly budgets: ReadonlyMap<string, RecordingBudget>;
  readonly report: (event: EventDraft) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What each camera that records may take. */
export function recordingBudgets(cameras: EdgeConfig['cameras']): Map<string, RecordingBudget> {
  return new Map(cameras.flatMap(({ id, recording }) => (recording === undefined ? [] : [[id, recording] as const])));
}

/**
 * Opens the recordings if a camera makes any. A disk that is missing or broken is no reason not to start: it is told of
 * with `storage.low`, and recording begins once it is there.
 */
export async function openRecordings(options: RecordingsOptions): Promise<RecordingStore | undefined> {
  const { config, budgets, report, clock, log } = options;
  if (budgets.size === 0) return undefined;
  return openRecordingStore({
    ...config.recordings,
    budgets,
    onDisk({ isLow, freeBytes, failure }) {
      report({
        type: 'storage.low',
        occurredAtMs: clock.nowMs(),
        data: {
          ...{ volume: 'recordings', phase: isLow ? 'started' : 'ended' },
          ...{ freeBytes, budgetBytes: config.recordings.minFreeBytes },
          ...(failure !== undefined && { cause: failure }),
        },
      });
    },
    clock,
    log,
  });
}
