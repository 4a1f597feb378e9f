import type { RecordingIndex } from './recording-index.ts';
import { SEAM_MS } from './recording-reader.ts';

/** Why nothing is there; the words are those of the contract. */
export type GapCause =
  | ReturnType<RecordingIndex['removals']>[number]['reason']
  | 'by-event'
  | 'not-recorded'
  | 'not-yet';

export interface TimelineSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of the segments that show any of it. */
  readonly bytes: number;
}

export interface TimelineGap {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly cause: GapCause;
}

export interface TimelineOptions {
  readonly index: Pick<RecordingIndex, 'listTimesBetween' | 'removals'>;
  readonly device: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
  readonly mode: 'continuous' | 'by-event';
}

/** What is being filmed is on disk once its group is whole, and groups last some seconds. */
const GROUP_PATIENCE_MS = 15_000;

/** What is recorded of [fromMs, untilMs), and why the rest is not: spans and gaps take turns and cover all of it. */
export function readTimeline(options: TimelineOptions): { spans: TimelineSpan[]; gaps: TimelineGap[] } {
  const { index, device, fromMs, untilMs } = options;
  const spans: { fromMs: number; untilMs: number; bytes: number }[] = [];
  for (const { startedAtMs, endedAtMs, bytes } of index.listTimesBetween(device, fromMs, untilMs)) {
    const last = spans.at(-1);
    const until = Math.min(endedAtMs, untilMs);
    if (last !== undefined && startedAtMs - last.untilMs <= SEAM_MS) {
      last.untilMs = Math.max(last.untilMs, until);
      last.bytes += bytes;
    } else spans.push({ fromMs: Math.max(startedAtMs, fromMs), untilMs: until, bytes });
  }
  const edges = [fromMs, ...spans.flatMap((span) => [span.fromMs, span.untilMs]), untilMs];
  const gaps: TimelineGap[] = [];
  for (let place = 0; place + 1 < edges.length; place += 2) {
    gaps.push(...explainGap(options, edges[place] ?? untilMs, edges[place + 1] ?? untilMs));
  }
  return { spans, gaps };
}

/** Why nothing is there in a stretch: what is known to have gone names itself, and time that has not come yet is no loss. */
export function explainGap(
  { index, device, nowMs, mode }: Pick<TimelineOptions, 'index' | 'device' | 'nowMs' | 'mode'>,
  fromMs: number,
  untilMs: number,
): TimelineGap[] {
  if (untilMs <= fromMs) return [];
  const recentMs = nowMs - GROUP_PATIENCE_MS;
  if (fromMs >= recentMs) return [{ fromMs, untilMs, cause: 'not-yet' }];
  const removal = index
    .removals()
    .findLast((gone) => gone.device === device && gone.fromMs < untilMs && gone.untilMs > fromMs);
  const past = {
    fromMs,
    untilMs: untilMs > nowMs ? nowMs : untilMs,
    cause: removal?.reason ?? (mode === 'by-event' ? 'by-event' : 'not-recorded'),
  } as const;
  return untilMs > nowMs ? [past, { fromMs: nowMs, untilMs, cause: 'not-yet' }] : [past];
}
