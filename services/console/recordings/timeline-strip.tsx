import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeFormats } from '../time/use-time.ts';
import { clustersOf, type EventMark } from './event-marks.ts';
import { RangeHandles } from './range-handles.tsx';
import type { Gap, Span } from './recorded-spans.ts';
import { shareOf, type TimeView, ticksOf } from './time-view.ts';
import styles from './timeline-strip.module.css';
import { useMarkText } from './use-mark-text.ts';
import { useStripGestures } from './use-strip-gestures.ts';

/** A label of the axis has about this much room, and a mark this. */
const LABEL_PX = 76;
const MARK_PX = 15;

interface TimelineStripProps {
  readonly view: TimeView;
  /** The day; the view stays in it. */
  readonly day: TimeView;
  readonly widthPx: number;
  readonly spans: readonly Span[];
  readonly gaps: readonly Gap[];
  readonly locks: readonly TimeView[];
  readonly marks: readonly EventMark[];
  /** The instant on screen, ms since 1970. */
  readonly positionMs: number;
  readonly range: TimeView | undefined;
  readonly onRange: (range: TimeView) => void;
  readonly onView: (view: TimeView) => void;
  readonly onSeek: (atMs: number) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

/** A day of a camera: what was recorded, what was not and why, what happened, and where one stands. */
export function TimelineStrip(props: TimelineStripProps) {
  const { view, day, widthPx, spans, gaps, locks, marks, positionMs, range, onRange, onView, onSeek, onKeyDown } =
    props;
  const { t } = useTranslation('recordings');
  const formats = useTimeFormats();
  const markText = useMarkText();
  const strip = useRef<HTMLDivElement>(null);
  const { draggedMs, ...gestures } = useStripGestures({ strip, view, within: day, onView, onSeek });
  const handMs = draggedMs ?? positionMs;
  const hand = shareOf(view, handMs);
  const ticks = ticksOf(view, Math.max(2, widthPx / LABEL_PX));
  const tickText = ticks.stepMs < 60_000 ? formats.clock : formats.minute;
  const nearMs = ((view.untilMs - view.fromMs) / Math.max(1, widthPx)) * MARK_PX;
  const isIn = ({ fromMs, untilMs }: TimeView): boolean => untilMs > view.fromMs && fromMs < view.untilMs;
  const place = ({ fromMs, untilMs }: TimeView) => {
    const left = Math.max(0, shareOf(view, fromMs));
    return { left: `${left * 100}%`, width: `${(Math.min(1, shareOf(view, untilMs)) - left) * 100}%` };
  };
  const cause = (gap: Gap): string => {
    const range = { from: formats.clock(gap.fromMs), until: formats.clock(gap.untilMs) };
    return t('gap', { ...range, cause: t(`cause.${gap.cause}`) });
  };
  return (
    <div className={styles.frame}>
      <div
        ref={strip}
        className={styles.strip}
        role="slider"
        tabIndex={0}
        aria-label={t('timeline')}
        aria-describedby="timeline-hint"
        aria-valuemin={day.fromMs}
        aria-valuemax={day.untilMs}
        aria-valuenow={Math.round(handMs)}
        aria-valuetext={formats.clock(handMs)}
        onKeyDown={onKeyDown}
        {...gestures}
      >
        <div className={styles.marks}>
          {clustersOf(
            marks.filter(({ atMs }) => atMs >= view.fromMs && atMs < view.untilMs),
            nearMs,
          ).map(({ kind, atMs, marks: together }) => (
            <span
              key={together[0]?.id}
              className={styles.mark}
              data-kind={kind}
              data-many={together.length > 1}
              style={{ left: `${shareOf(view, atMs) * 100}%` }}
              title={`${formats.clock(atMs)} ${together.length > 1 ? t('cluster', { what: t(`kind.${kind}`), count: together.length }) : markText(together[0])}`}
            />
          ))}
        </div>
        <div className={styles.lane}>
          {gaps.filter(isIn).map((gap) => (
            <span
              key={gap.fromMs}
              className={styles.gap}
              data-cause={gap.cause}
              style={place(gap)}
              title={cause(gap)}
            />
          ))}
          {spans.filter(isIn).map((span) => (
            <span key={span.fromMs} className={styles.span} style={place(span)} />
          ))}
          {locks.filter(isIn).map((lock) => (
            <span
              key={`${lock.fromMs}-${lock.untilMs}`}
              className={styles.lock}
              style={place(lock)}
              title={t('lock.list')}
            />
          ))}
        </div>
        <div className={styles.axis} aria-hidden="true">
          {ticks.atMs.map((atMs) => (
            <span key={atMs} style={{ left: `${shareOf(view, atMs) * 100}%` }}>
              {tickText(atMs)}
            </span>
          ))}
        </div>
        {hand >= 0 && hand <= 1 && (
          <div className={styles.hand} data-dragged={draggedMs !== undefined} style={{ left: `${hand * 100}%` }}>
            <span data-side={hand > 0.85 ? 'left' : hand < 0.15 ? 'right' : 'middle'}>{formats.clock(handMs)}</span>
          </div>
        )}
      </div>
      {range !== undefined && <RangeHandles strip={strip} view={view} range={range} onRange={onRange} />}
      <p id="timeline-hint" className="only-heard">
        {t('timelineHint')}
      </p>
    </div>
  );
}
