import {
  LeftOutlined,
  MinusOutlined,
  PlusOutlined,
  RightOutlined,
  StepBackwardOutlined,
  StepForwardOutlined,
} from '@ant-design/icons';
import type { Timeline } from '@dipper/contract/api/recording';
import { Button } from 'antd';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useDurationText, useTimeFormats } from '../time/use-time.ts';
import styles from './camera-page.module.css';
import type { EventMark } from './event-marks.ts';
import type { Gap, Span } from './recorded-spans.ts';
import { DAY_MS, dayOf, moved, type TimeView, zoomed } from './time-view.ts';
import { timelineKeyOf } from './timeline-keys.ts';
import { TimelineStrip } from './timeline-strip.tsx';

/** Around what is on screen, where nothing else is pointed at. */
const ZOOM = 2;

interface TimelinePanelProps {
  readonly view: TimeView;
  readonly day: TimeView;
  /** How the camera is recorded and since when; undefined while that is not known. */
  readonly kept: Pick<Timeline, 'mode' | 'earliestAt'> | undefined;
  readonly spans: readonly Span[];
  readonly gaps: readonly Gap[];
  readonly locks: readonly TimeView[];
  readonly marks: readonly EventMark[];
  readonly positionMs: number;
  readonly range: TimeView | undefined;
  readonly onRange: (range: TimeView) => void;
  readonly onView: (view: TimeView) => void;
  /** Shows another day, in whole. */
  readonly onDay: (day: TimeView) => void;
  readonly onSeek: (atMs: number) => void;
}

/** The time line of a day with the ways to move on it. */
export function TimelinePanel(props: TimelinePanelProps) {
  const { view, day, kept, spans, marks, positionMs, onView, onDay, onSeek } = props;
  const { t } = useTranslation('recordings');
  const { clock } = useHub();
  const formats = useTimeFormats();
  const durationText = useDurationText();
  const frame = useRef<HTMLDivElement>(null);
  const widthPx = useWidth(frame);
  const today = dayOf(clock.nowMs());
  const shiftDay = (days: number): void => onDay(dayOf(day.fromMs + DAY_MS / 2 + days * DAY_MS));
  const lengthMs = view.untilMs - view.fromMs;
  const isWhole = lengthMs >= DAY_MS;
  const middleMs =
    positionMs >= view.fromMs && positionMs < view.untilMs ? positionMs : (view.fromMs + view.untilMs) / 2;
  const zoom = (factor: number): void => onView(zoomed(view, factor, middleMs, day));
  const move = (share: number): void => onView(moved(view, share * lengthMs, day));
  const stepTo = (forward: boolean): void => {
    const mark = forward
      ? marks.find(({ atMs }) => atMs > positionMs + 1_000)
      : marks.findLast(({ atMs }) => atMs < positionMs - 3_000);
    if (mark !== undefined) onSeek(mark.atMs);
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    const key = timelineKeyOf(event);
    if (key === undefined) return;
    event.preventDefault();
    if (key.kind === 'step') onSeek(positionMs + key.byMs);
    else if (key.kind === 'zoom') zoom(key.factor);
    else if (key.kind === 'mark') stepTo(key.forward);
    else {
      const to = key.kind === 'first' ? spans[0]?.fromMs : spans.at(-1)?.untilMs;
      if (to !== undefined) onSeek(key.kind === 'first' ? to : to - 10_000);
    }
  };
  const recordedMs = spans.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
  const facts = ({ mode, earliestAt }: Pick<Timeline, 'mode' | 'earliestAt'>): string =>
    [
      recordedMs === 0 ? t('nothingRecorded') : t('recordedShare', { length: durationText(recordedMs) }),
      t(mode === 'continuous' ? 'continuous' : 'byEvent'),
      earliestAt === null ? '' : t('keptSince', { time: formats.full(Date.parse(earliestAt), clock.nowMs()) }),
    ]
      .filter((text) => text !== '')
      .join(' · ');
  return (
    <section ref={frame} className={styles.timeline} aria-label={t('timeline')}>
      <div className={styles.days}>
        <Button icon={<LeftOutlined aria-hidden="true" />} aria-label={t('previousDay')} onClick={() => shiftDay(-1)} />
        <strong>{formats.date(day.fromMs)}</strong>
        <Button
          icon={<RightOutlined aria-hidden="true" />}
          aria-label={t('nextDay')}
          disabled={day.fromMs >= today.fromMs}
          onClick={() => shiftDay(1)}
        />
        {day.fromMs !== today.fromMs && <Button onClick={() => onDay(today)}>{t('today')}</Button>}
        <span className={styles.recorded}>{kept === undefined ? t('reading') : facts(kept)}</span>
      </div>
      <TimelineStrip {...props} widthPx={widthPx} onKeyDown={press} />
      <div className={styles.zoom}>
        <Button
          icon={<StepBackwardOutlined aria-hidden="true" />}
          aria-label={t('previousEvent')}
          onClick={() => stepTo(false)}
        />
        <Button
          icon={<StepForwardOutlined aria-hidden="true" />}
          aria-label={t('nextEvent')}
          onClick={() => stepTo(true)}
        />
        <span className={styles.grow} />
        {!isWhole && (
          <>
            <Button icon={<LeftOutlined aria-hidden="true" />} aria-label={t('earlier')} onClick={() => move(-0.5)} />
            <Button icon={<RightOutlined aria-hidden="true" />} aria-label={t('later')} onClick={() => move(0.5)} />
          </>
        )}
        <Button
          icon={<MinusOutlined aria-hidden="true" />}
          aria-label={t('zoomOut')}
          disabled={isWhole}
          onClick={() => zoom(ZOOM)}
        />
        <Button icon={<PlusOutlined aria-hidden="true" />} aria-label={t('zoomIn')} onClick={() => zoom(1 / ZOOM)} />
        <Button disabled={isWhole} onClick={() => onView(day)}>
          {t('wholeDay')}
        </Button>
      </div>
    </section>
  );
}

/** How wide an element is now. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidthPx(entry?.contentRect.width ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return widthPx;
}
