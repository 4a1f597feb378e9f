import type { DeviceView } from '@dipper/contract/api/inventory';
import { Button } from 'antd';
import { useEffect, useEffectEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useCodeText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import styles from '../live/live-view.module.css';
import { SnapshotButton } from '../live/snapshot-button.tsx';
import { useAllowed } from '../session/session-context.ts';
import { useTimeFormats } from '../time/use-time.ts';
import type { PlaybackState } from './playback-state.ts';
import { neighboursOf, type Span } from './recorded-spans.ts';
import { type Seek, usePlayback } from './use-playback.ts';

interface PlaybackViewProps {
  readonly device: DeviceView;
  readonly seek: Seek;
  readonly isPaused: boolean;
  /** Of the day, oldest first. */
  readonly spans: readonly Span[];
  readonly onState: (state: PlaybackState) => void;
  readonly onSeek: (atMs: number) => void;
  readonly onLive: () => void;
  /** What the browser cannot play can be saved. */
  readonly onExport: () => void;
}

/** The recorded picture of one camera, and in words what is there and what is not. */
export function PlaybackView({ device, seek, isPaused, spans, onState, onExport, ...ways }: PlaybackViewProps) {
  const { t } = useTranslation('recordings');
  const { clock } = useHub();
  const localText = useLocalText();
  const formats = useTimeFormats();
  const { video, state, retry } = usePlayback(device.id, seek, isPaused);
  const tell = useEffectEvent(onState);
  useEffect(() => tell(state), [state]);
  const time = formats.full(state.atMs, clock.nowMs());
  const hasPicture = state.kind === 'playing' || state.kind === 'paused' || state.kind === 'waiting';
  return (
    <figure className={styles.frame} data-playback={state.kind}>
      <video
        ref={video}
        className={styles.video}
        muted
        playsInline
        aria-label={t('label', { name: localText(device.name), time })}
      />
      {hasPicture ? (
        <>
          <p className={styles.badge} data-recorded="true">
            {t('recording')} <span className={styles.pictureTime}>{time}</span>
          </p>
          {state.kind === 'waiting' && (
            <p className={styles.note} role="status">
              {t('waiting')}
            </p>
          )}
          <SnapshotButton device={device} picture={() => video.current} takenAtMs={() => state.atMs} />
        </>
      ) : (
        <PlaybackMessage state={state} spans={spans} retry={retry} onExport={onExport} {...ways} />
      )}
    </figure>
  );
}

interface PlaybackMessageProps extends Pick<PlaybackViewProps, 'spans' | 'onSeek' | 'onLive' | 'onExport'> {
  readonly state: PlaybackState;
  readonly retry: () => void;
}

function PlaybackMessage({ state, spans, retry, onSeek, onLive, onExport }: PlaybackMessageProps) {
  const { t } = useTranslation('recordings');
  const { clock } = useHub();
  const formats = useTimeFormats();
  const codeText = useCodeText();
  const time = formats.full(state.atMs, clock.nowMs());
  if (state.kind === 'connecting') {
    return (
      <p className={styles.message} role="status">
        <span className={styles.spinner} aria-hidden="true" />
        {t('connecting', { time })}
      </p>
    );
  }
  if (state.kind === 'failed' && state.problem === 'CODEC_UNSUPPORTED') return <Unplayable onExport={onExport} />;
  if (state.kind === 'failed') {
    const isDamaged = state.problem === 'RECORDING_DAMAGED';
    return (
      <div className={styles.warning} role="alert">
        <strong>{t(isDamaged ? 'damaged' : 'failed')}</strong>
        <p>{codeText(state.problem)}</p>
        {state.retries && <p>{t('retrying')}</p>}
        <div className={styles.ways}>
          <Button size="small" onClick={retry}>
            {t('retry')}
          </Button>
          <NextButton spans={spans} afterMs={state.atMs} onSeek={onSeek} />
        </div>
      </div>
    );
  }
  if (state.kind === 'over') return <Over state={state} spans={spans} onSeek={onSeek} onLive={onLive} />;
  return null;
}

/** The recording is whole, and this browser is not the one to show it: the file is. */
function Unplayable({ onExport }: Pick<PlaybackViewProps, 'onExport'>) {
  const { t } = useTranslation('recordings');
  const mayExport = useAllowed('exportRecordings');
  return (
    <div className={styles.warning} role="alert">
      <strong>{t('unplayable')}</strong>
      <p>{t(mayExport ? 'unplayableHint' : 'unplayableAsk')}</p>
      {mayExport && (
        <div className={styles.ways}>
          <Button size="small" type="primary" onClick={onExport}>
            {t('export.open')}
          </Button>
        </div>
      )}
    </div>
  );
}

interface OverProps extends Omit<PlaybackMessageProps, 'retry' | 'state' | 'onExport'> {
  readonly state: Extract<PlaybackState, { kind: 'over' }>;
}

/** How far from now the end of a recording is where it is still being written. */
const STILL_RECORDING_MS = 90_000;
/** The end of a stretch is where something happened that ended it. */
const LAST_SEC_MS = 10_000;

function Over({ state, spans, onSeek, onLive }: OverProps) {
  const { t } = useTranslation(['recordings', 'problems']);
  const { clock } = useHub();
  const formats = useTimeFormats();
  const codeText = useCodeText();
  const { atMs, problem } = state;
  const nowMs = clock.nowMs();
  const { nextMs, previousEndMs } = neighboursOf(spans, atMs + 1);
  const foundMs = nextMs !== undefined && nextMs > atMs + 1 ? nextMs : undefined;
  const next = state.nextAtMs ?? foundMs;
  const time = formats.full(atMs, nowMs);
  const isUpToNow = problem === undefined && next === undefined && nowMs - atMs < STILL_RECORDING_MS;
  const title = problem !== undefined ? t('damaged') : isUpToNow ? t('upToNow') : t('none', { time });
  return (
    <div className={styles.warning} role="alert">
      <strong>{title}</strong>
      {problem !== undefined && <p>{codeText(problem)}</p>}
      {isUpToNow && <p>{t('upToNowHint')}</p>}
      {!isUpToNow && <p>{next === undefined ? t('nothingElse') : t('next', { time: formats.full(next, nowMs) })}</p>}
      <div className={styles.ways}>
        {next !== undefined && (
          <Button size="small" type="primary" onClick={() => onSeek(next)}>
            {t('goNext', { time: formats.clock(next) })}
          </Button>
        )}
        {next === undefined && !isUpToNow && previousEndMs !== undefined && (
          <Button size="small" onClick={() => onSeek(previousEndMs - LAST_SEC_MS)}>
            {t('goPrevious')}
          </Button>
        )}
        <Button size="small" type={isUpToNow ? 'primary' : 'default'} onClick={onLive}>
          {t('backToLive')}
        </Button>
      </div>
    </div>
  );
}

/** The way past what cannot be played: the next stretch behind it. */
function NextButton({
  spans,
  afterMs,
  onSeek,
}: {
  readonly spans: readonly Span[];
  readonly afterMs: number;
  readonly onSeek: (atMs: number) => void;
}) {
  const { t } = useTranslation('recordings');
  const formats = useTimeFormats();
  const next = spans.find(({ fromMs }) => fromMs > afterMs);
  if (next === undefined) return null;
  return (
    <Button size="small" onClick={() => onSeek(next.fromMs)}>
      {t('goNext', { time: formats.clock(next.fromMs) })}
    </Button>
  );
}
