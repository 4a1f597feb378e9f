import { MAX_TIMELINE_MS, MAX_TIMELINE_SPANS } from '@dipper/contract/api/recording';
import { DipperError, type ErrorCode, isDipperError } from '@dipper/contract/errors';
import type { ExportEnd } from '@dipper/contract/uplink';
import type { Logger } from 'pino';
import type { Clock } from '../link/clock.ts';
import type { CommandHandlers } from '../link/commands.ts';
import {
  type ReadAhead,
  type RecordingFigures,
  type RecordingFrame,
  sendRecording,
  sendTimeline,
} from '../link/recording-uplink.ts';
import type { Invitation } from '../link/uplink.ts';
import { exportFile, mimeOf } from '../video/playback/export-file.ts';
import { playRecording } from '../video/playback/playback-feed.ts';
import { isRecordingError } from '../video/recording/recording-error.ts';
import type { RecordingStore } from '../video/recording/recording-store.ts';
import { explainGap, readTimeline } from '../video/recording/timeline.ts';
import type { EdgeConfig } from './config/read-config.ts';

/** `off` for a camera that is not recorded. */
export type RecordingMode = 'continuous' | 'by-event' | 'off';

/** How each camera is recorded, by its id. */
export function recordingModes(cameras: EdgeConfig['cameras']): ReadonlyMap<string, RecordingMode> {
  const modeOf = (recording: EdgeConfig['cameras'][number]['recording']): RecordingMode => {
    if (recording === undefined) return 'off';
    return recording.mode === 'continuous' ? 'continuous' : 'by-event';
  };
  return new Map(cameras.map(({ id, recording }) => [id, modeOf(recording)]));
}

export interface RecordingDeskOptions {
  /** Undefined where no camera is recorded. */
  readonly store: () => RecordingStore | undefined;
  /** Undefined for a device that is none of this agent's cameras. */
  readonly mode: (device: string) => RecordingMode | undefined;
  /** Whether this machine has no time for sending recordings now: who gets one waits. */
  readonly isShed: () => boolean;
  /** PEM of the authority that vouches for the hub; undefined: those that Node knows. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface RecordingDesk {
  readonly handlers: CommandHandlers;
  /** Playbacks and exports being sent now. */
  readonly sending: { readonly playbacks: number; readonly exports: number };
}

/** A guard looks at one or two; what is more takes the disk from what is being recorded. */
const MAX_PLAYBACKS = 4;
const MAX_EXPORTS = 2;
/** Sixteen times a camera of 4 Mbit/s: enough to seek, and to look at twice the speed. */
const PLAYBACK_BYTES_PER_SEC = 8_000_000;
/** An hour of a camera of 4 Mbit/s in eight minutes, with half of a 64 Mbit/s line left to live views. */
const EXPORT_BYTES_PER_SEC = 4_000_000;

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** What a signed command can make the agent do with its recordings: tell, play, export, lock and unlock. */
export function createRecordingDesk(options: RecordingDeskOptions): RecordingDesk {
  const { ca, clock, log, signal } = options;
  const sending = { playbacks: 0, exports: 0 };
  const invitationFrom = ({ uplinkUrl, ticket }: Invitation): Invitation => ({
    ...{ uplinkUrl, ticket },
    ...(ca !== undefined && { ca }),
  });

  /** @throws DipperError DEVICE_UNKNOWN, RECORDING_OFF, RECORDINGS_UNAVAILABLE */
  function recordingsOf(device: string) {
    const mode = options.mode(device);
    if (mode === undefined) throw new DipperError('DEVICE_UNKNOWN');
    const store = options.store();
    if (mode === 'off' || store === undefined) throw new DipperError('RECORDING_OFF');
    if (store.disk().failure === 'DISK_MISSING') throw new DipperError('RECORDINGS_UNAVAILABLE');
    const index = store.index();
    const explain = (fromMs: number, untilMs: number) =>
      explainGap({ index, device, mode, nowMs: clock.nowMs() }, fromMs, untilMs).map((gap) => ({
        ...{ from: iso(gap.fromMs), until: iso(gap.untilMs), cause: gap.cause },
      }));
    return { store, mode, index, explain };
  }

  /** Counts what is being sent, and says how it went. */
  function watch(kind: 'playbacks' | 'exports', device: string, ended: Promise<RecordingFigures>): void {
    void ended
      .then((figures) => log.info({ device, kind, ...figures }, 'recording sent'))
      .finally(() => {
        sending[kind] -= 1;
      });
  }

  /** @throws DipperError PLAYBACK_LIMIT_REACHED */
  async function take(
    kind: 'playbacks' | 'exports',
    most: number,
    device: string,
    start: () => Started,
  ): Promise<void> {
    if (sending[kind] >= most) throw new DipperError('PLAYBACK_LIMIT_REACHED');
    sending[kind] += 1;
    try {
      watch(kind, device, (await start()).ended);
    } catch (error) {
      sending[kind] -= 1;
      throw error;
    }
  }

  const codeOf = (error: unknown, device: string): ErrorCode => {
    log.error({ device, err: error }, 'a recording could not be sent to its end');
    if (isDipperError(error)) return error.code;
    return isRecordingError(error, 'RECORDING_DAMAGED') ? 'RECORDING_DAMAGED' : 'RECORDINGS_UNAVAILABLE';
  };

  return {
    sending,
    handlers: {
      async 'recording.list'({ device, from, until, ...invitation }) {
        const { mode, index } = recordingsOf(device);
        const [fromMs, untilMs] = rangeOf(from, until);
        if (untilMs - fromMs > MAX_TIMELINE_MS) throw new DipperError('TIMELINE_TOO_LONG');
        const nowMs = clock.nowMs();
        const { spans, gaps } = readTimeline({ index, device, fromMs, untilMs, nowMs, mode });
        // Each gap may be told in two pieces: what is past, and what is to come.
        if (spans.length >= MAX_TIMELINE_SPANS) throw new DipperError('TIMELINE_TOO_LONG');
        const extent = index.extentOf(device);
        const locks = index
          .listLocks()
          .filter((lock) => lock.device === device && lock.expiresAtMs > nowMs)
          .filter((lock) => lock.fromMs < untilMs && lock.untilMs > fromMs);
        const word = {
          ...({ kind: 'timeline', device, mode, from, until } as const),
          earliestAt: extent === undefined ? null : iso(extent.fromMs),
          latestAt: extent === undefined ? null : iso(extent.untilMs),
          spans: spans.map((span) => ({ from: iso(span.fromMs), until: iso(span.untilMs), bytes: span.bytes })),
          gaps: gaps.map((gap) => ({ from: iso(gap.fromMs), until: iso(gap.untilMs), cause: gap.cause })),
          locks: locks.map(({ id, reason, ...lock }) => ({
            ...{ id, reason, from: iso(lock.fromMs), until: iso(lock.untilMs), expiresAt: iso(lock.expiresAtMs) },
          })),
        };
        await sendTimeline(invitationFrom(invitation), word, signal);
      },

      async 'recording.play'({ device, at, ...invitation }) {
        const { store } = recordingsOf(device);
        const atMs = Date.parse(at);
        if (store.stretches(device, atMs, atMs + 1).length === 0) throw new DipperError('RECORDING_MISSING');
        const open = ({ admit }: ReadAhead) => wordsOf(playRecording({ store, device, atMs, admit }), device);
        await take('playbacks', MAX_PLAYBACKS, device, () =>
          sendRecording({
            ...{ invitation: invitationFrom(invitation), open, fromMs: atMs, signal },
            endFor: (error) => ({ kind: 'end', nextAt: null, code: codeOf(error, device) }),
            isBusy: () => store.isBusy() || options.isShed(),
            maxBytesPerSec: PLAYBACK_BYTES_PER_SEC,
          }),
        );
      },

      async 'recording.export'({ device, from, until, ...invitation }) {
        const { store, explain } = recordingsOf(device);
        const [fromMs, untilMs] = rangeOf(from, until);
        if (store.stretches(device, fromMs, untilMs).length === 0) throw new DipperError('RECORDING_MISSING');
        const gapsOf = (outcome: ReturnType<ReturnType<typeof exportFile>['outcome']>): ExportEnd['gaps'] =>
          outcome.gaps.flatMap((gap): ExportEnd['gaps'] =>
            gap.isOtherFormat
              ? [{ from: iso(gap.fromMs), until: iso(gap.untilMs), cause: 'other-format' }]
              : explain(gap.fromMs, gap.untilMs),
          );
        async function* open(): AsyncGenerator<RecordingFrame, void> {
          const file = exportFile({ store, device, fromMs, untilMs });
          for await (const piece of file.pieces) {
            if (piece.kind === 'init') yield wordFor({ kind: 'export', device, mime: mimeOf(piece.bytes) });
            yield piece;
          }
          const outcome = file.outcome();
          const isEmpty = outcome.untilMs === undefined;
          const end = { until: isEmpty ? null : iso(outcome.untilMs), gaps: gapsOf(outcome) };
          yield wordFor({ kind: 'end', ...end, code: isEmpty ? 'RECORDING_MISSING' : null });
        }
        await take('exports', MAX_EXPORTS, device, () =>
          sendRecording({
            ...{ invitation: invitationFrom(invitation), open, fromMs, signal },
            endFor: (error) => ({ kind: 'end', until: null, gaps: [], code: codeOf(error, device) }),
            isBusy: () => store.isBusy() || options.isShed(),
            maxBytesPerSec: EXPORT_BYTES_PER_SEC,
          }),
        );
      },

      async 'recording.lock'({ device, id, from, until, expiresAt, reason }) {
        const { store } = recordingsOf(device);
        const [fromMs, untilMs] = rangeOf(from, until);
        const expiresAtMs = Date.parse(expiresAt);
        if (expiresAtMs <= clock.nowMs()) throw new DipperError('REQUEST_INVALID', { message: 'expiresAt is over' });
        if (store.stretches(device, fromMs, untilMs).length === 0) throw new DipperError('RECORDING_MISSING');
        store.lock({ id, device, fromMs, untilMs, expiresAtMs, reason });
        log.info({ device, lock: id, from, until, expiresAt }, 'recordings locked as evidence');
      },

      async 'recording.unlock'({ device, id }) {
        const { store, index } = recordingsOf(device);
        const isOurs = index.listLocks().some((lock) => lock.id === id && lock.device === device);
        if (!isOurs || !store.unlock(id)) throw new DipperError('NOT_FOUND');
        log.info({ device, lock: id }, 'evidence lock released');
      },
    },
  };
}

type Started = ReturnType<typeof sendRecording>;

const wordFor = (word: Extract<RecordingFrame, { kind: 'word' }>['word']): RecordingFrame => ({ kind: 'word', word });

/** @throws DipperError REQUEST_INVALID */
function rangeOf(from: string, until: string): [number, number] {
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
  if (!(untilMs > fromMs)) throw new DipperError('REQUEST_INVALID', { message: 'until has to come after from' });
  return [fromMs, untilMs];
}

/** Puts a header before each init segment, as live has it. */
async function* wordsOf(
  pieces: ReturnType<typeof playRecording>,
  device: string,
): AsyncGenerator<RecordingFrame, void> {
  for await (const piece of pieces) {
    if (piece.kind === 'end') {
      const nextAt = piece.nextAtMs === undefined ? null : iso(piece.nextAtMs);
      yield wordFor({ kind: 'end', nextAt, code: null });
      continue;
    }
    if (piece.kind === 'init') {
      const { mime, widthPx, heightPx } = piece;
      yield wordFor({ kind: 'playback', device, mime, widthPx, heightPx });
    }
    yield piece;
  }
}
