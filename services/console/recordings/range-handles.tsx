import { type PointerEvent, type RefObject, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeFormats } from '../time/use-time.ts';
import { instantAt, shareOf, type TimeView } from './time-view.ts';
import styles from './timeline-strip.module.css';

const STEP_MS = 1_000;
const LONG_STEP_MS = 60_000;

interface RangeHandlesProps {
  readonly strip: RefObject<HTMLElement | null>;
  readonly view: TimeView;
  readonly range: TimeView;
  readonly onRange: (range: TimeView) => void;
}

/** The chosen time on a time line, with an end to drag on each side. */
export function RangeHandles({ strip, view, range, onRange }: RangeHandlesProps) {
  const { t } = useTranslation('recordings');
  const left = shareOf(view, range.fromMs) * 100;
  const width = Math.max(0, shareOf(view, range.untilMs) * 100 - left);
  const setFrom = (atMs: number): void => onRange({ ...range, fromMs: Math.min(atMs, range.untilMs - STEP_MS) });
  const setUntil = (atMs: number): void => onRange({ ...range, untilMs: Math.max(atMs, range.fromMs + STEP_MS) });
  const common = { strip, view };
  return (
    <>
      <div className={styles.range} style={{ left: `${left}%`, width: `${width}%` }} />
      <Handle {...common} label={t('range.start')} atMs={range.fromMs} onMove={setFrom} />
      <Handle {...common} label={t('range.end')} atMs={range.untilMs} onMove={setUntil} />
    </>
  );
}

interface HandleProps {
  readonly strip: RefObject<HTMLElement | null>;
  readonly view: TimeView;
  readonly label: string;
  readonly atMs: number;
  readonly onMove: (atMs: number) => void;
}

function Handle({ strip, view, label, atMs, onMove }: HandleProps) {
  const formats = useTimeFormats();
  const isHeld = useRef(false);
  const share = shareOf(view, atMs);
  const drag = (event: PointerEvent<HTMLElement>): void => {
    const box = strip.current?.getBoundingClientRect();
    if (!isHeld.current || box === undefined) return;
    // To the second: that is what the fields show.
    onMove(Math.round(instantAt(view, (event.clientX - box.left) / box.width) / STEP_MS) * STEP_MS);
  };
  return (
    <button
      type="button"
      role="slider"
      className={styles.handle}
      hidden={share < 0 || share > 1}
      style={{ left: `${share * 100}%` }}
      aria-label={label}
      aria-valuemin={view.fromMs}
      aria-valuemax={view.untilMs}
      aria-valuenow={atMs}
      aria-valuetext={formats.clock(atMs)}
      onPointerDown={(event) => {
        event.stopPropagation();
        isHeld.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onPointerUp={(event) => {
        event.stopPropagation();
        isHeld.current = false;
      }}
      onPointerCancel={() => {
        isHeld.current = false;
      }}
      onKeyDown={(event) => {
        const sign = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
        event.stopPropagation();
        if (sign === 0) return;
        event.preventDefault();
        onMove(atMs + sign * (event.shiftKey ? LONG_STEP_MS : STEP_MS));
      }}
    />
  );
}
