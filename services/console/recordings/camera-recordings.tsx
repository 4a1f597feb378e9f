import type { DeviceView } from '@dipper/contract/api/inventory';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { Failure, Notice } from '../layout/states.tsx';
import { LiveView } from '../live/live-view.tsx';
import { CameraControls } from '../ptz/camera-controls.tsx';
import { useAllowed } from '../session/session-context.ts';
import { useNow } from '../time/use-now.ts';
import styles from './camera-page.module.css';
import type { MarkKind } from './event-marks.ts';
import { ExportForm } from './export-form.tsx';
import { LockForm } from './lock-form.tsx';
import { LockList } from './lock-list.tsx';
import { MarkList } from './mark-list.tsx';
import type { PlaybackState } from './playback-state.ts';
import { PlaybackView } from './playback-view.tsx';
import { gapsOf, spansOf } from './recorded-spans.ts';
import { dayOf, following, type TimeView } from './time-view.ts';
import { TimelinePanel } from './timeline-panel.tsx';
import { Transport } from './transport.tsx';
import { useMarks } from './use-marks.ts';
import { useMoment } from './use-moment.ts';
import { useTimeline } from './use-timeline.ts';

/** Who comes from an alarm sees what was before and after it. */
const AROUND_MS = 15 * 60_000;
/** What is offered for export and lock before anything was chosen: around the picture on screen. */
const RANGE_MS = 60_000;

/** The picture of a camera, live or recorded, over the time line of a day. */
export function CameraRecordings({ device }: { readonly device: DeviceView }) {
  const { t } = useTranslation('recordings');
  const { clock } = useHub();
  const { seek, seekTo, goLive } = useMoment();
  const nowMs = useNow();
  const mayWatch = useAllowed('watchLive');
  const [day, setDay] = useState(() => dayOf(seek?.atMs ?? clock.nowMs()));
  const [view, setView] = useState<TimeView>(() => firstView(seek?.atMs, day));
  const [playback, setPlayback] = useState<PlaybackState>();
  const [isPaused, setPaused] = useState(false);
  const [tool, setTool] = useState<'export' | 'lock'>();
  const [range, setRange] = useState<TimeView>();
  const [hidden, setHidden] = useState<ReadonlySet<MarkKind>>(new Set());
  const timeline = useTimeline(device.id, day);
  const marks = useMarks(device.id, day).data ?? [];
  const spans = timeline.data === undefined ? [] : spansOf(timeline.data);
  const gaps = timeline.data === undefined ? [] : gapsOf(timeline.data);
  const locks = timeline.data?.locks ?? [];
  const positionMs = seek === undefined ? nowMs : (playback?.atMs ?? seek.atMs);
  const isOff = isHubError(timeline.error, 'RECORDING_OFF');

  const showDay = (next: TimeView): void => {
    setDay(next);
    setView(next);
  };
  const go = (atMs: number): void => {
    if (atMs >= clock.nowMs()) {
      live();
      return;
    }
    const next = dayOf(atMs);
    if (next.fromMs !== day.fromMs) showDay(next);
    else setView((shown) => following(shown, atMs, next));
    setPaused(false);
    setPlayback(undefined);
    seekTo(atMs);
  };
  const live = (): void => {
    const today = dayOf(clock.nowMs());
    if (today.fromMs !== day.fromMs) showDay(today);
    setPlayback(undefined);
    goLive();
  };
  const hear = (state: PlaybackState): void => {
    setPlayback(state);
    if (state.kind !== 'playing') return;
    // The hand stays in sight while it moves, and does not pull back somebody who looks elsewhere.
    setView((shown) =>
      state.atMs >= shown.untilMs && state.atMs - shown.untilMs < 1_000 ? following(shown, state.atMs, day) : shown,
    );
  };
  const choose = (next: 'export' | 'lock' | undefined): void => {
    setTool(next);
    const middleMs = Math.min(positionMs, nowMs - RANGE_MS / 2);
    if (next !== undefined && range === undefined) {
      const fromMs = Math.floor((middleMs - RANGE_MS / 2) / 1_000) * 1_000;
      setRange({ fromMs, untilMs: fromMs + RANGE_MS });
      setView((shown) => following(shown, fromMs, day));
    }
    if (next === undefined) setRange(undefined);
  };
  const form = { range: range ?? view, onRange: setRange, onClose: () => choose(undefined) };
  return (
    <div className={styles.columns}>
      <div className={styles.main}>
        {seek === undefined ? (
          <LiveView device={device} />
        ) : (
          <PlaybackView
            device={device}
            seek={seek}
            isPaused={isPaused}
            spans={spans}
            onState={hear}
            onSeek={go}
            onLive={live}
            onExport={() => choose('export')}
          />
        )}
        {!isOff && (
          <Transport
            isLive={seek === undefined}
            isPaused={isPaused}
            onPaused={setPaused}
            onStep={(byMs) => go(positionMs + byMs)}
            onLive={live}
            tool={tool}
            onTool={choose}
          />
        )}
        {seek === undefined && mayWatch && <CameraControls device={device} />}
        {isOff ? (
          <Notice title={t('off')} hint={t('offHint')} />
        ) : timeline.data === undefined && timeline.error !== null ? (
          <Failure error={timeline.error} onRetry={() => void timeline.refetch()} />
        ) : (
          <TimelinePanel
            view={view}
            day={day}
            kept={timeline.data}
            spans={spans}
            gaps={gaps}
            locks={locks.map(({ from, until }) => ({ fromMs: Date.parse(from), untilMs: Date.parse(until) }))}
            marks={marks.filter(({ kind }) => !hidden.has(kind))}
            positionMs={positionMs}
            range={tool === undefined ? undefined : range}
            onRange={setRange}
            onView={setView}
            onDay={showDay}
            onSeek={go}
          />
        )}
        {tool === 'export' && <ExportForm device={device} spans={spans} {...form} />}
        {tool === 'lock' && <LockForm device={device.id} {...form} />}
        <LockList device={device.id} locks={locks} />
      </div>
      {!isOff && (
        <MarkList marks={marks} hidden={hidden} onHidden={setHidden} gaps={gaps} positionMs={positionMs} onSeek={go} />
      )}
    </div>
  );
}

function firstView(atMs: number | undefined, day: TimeView): TimeView {
  if (atMs === undefined) return day;
  return {
    fromMs: Math.max(day.fromMs, atMs - AROUND_MS),
    untilMs: Math.min(day.untilMs, atMs + AROUND_MS),
  };
}
