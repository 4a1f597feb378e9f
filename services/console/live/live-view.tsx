import type { DeviceView } from '@dipper/contract/api/inventory';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useAgents } from '../devices/use-agents.ts';
import { useCodeText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { useAllowed } from '../session/session-context.ts';
import { useTimeFormats } from '../time/use-time.ts';
import type { LiveState } from './live-state.ts';
import styles from './live-view.module.css';
import { SnapshotButton } from './snapshot-button.tsx';
import { useInSight } from './use-in-sight.ts';
import { useLivePlayer } from './use-live-player.ts';

/** The live picture of one camera, and what it is worth at this moment. */
export function LiveView({ device }: { readonly device: DeviceView }) {
  const { t } = useTranslation('live');
  const isAllowed = useAllowed('watchLive');
  if (isAllowed) return <AllowedLiveView key={device.id} device={device} />;
  return <p className={styles.notAllowed}>{t('notAllowed')}</p>;
}

function AllowedLiveView({ device }: { readonly device: DeviceView }) {
  const { t } = useTranslation('live');
  const localText = useLocalText();
  const { clock } = useHub();
  const isInSight = useInSight();
  const agent = useAgents().data?.find(({ id }) => id === device.agent);
  const { video, canvas, surface, state, restart } = useLivePlayer(device, agent, isInSight);
  const picture = device.state?.kind === 'camera' ? device.state.picture : 'unknown';
  const isWorthless = picture === 'frozen' || picture === 'covered';
  const isWarnedOf = isWorthless || picture === 'moved';
  return (
    <figure className={styles.frame} data-state={isInSight ? state.kind : 'paused'} data-worthless={isWorthless}>
      <video
        ref={video}
        className={styles.video}
        muted
        playsInline
        hidden={surface !== 'video'}
        aria-label={t('label', { name: localText(device.name) })}
      />
      <canvas
        ref={canvas}
        className={styles.video}
        hidden={surface !== 'canvas'}
        role="img"
        aria-label={t('label', { name: localText(device.name) })}
      />
      {isInSight ? (
        <>
          <LiveStatus state={state} isWorthless={isWorthless} restart={restart} />
          {state.kind === 'live' && (
            <SnapshotButton
              device={device}
              picture={() => (surface === 'canvas' ? canvas.current : video.current)}
              takenAtMs={() => state.takenAtMs + (clock.offset()?.ms ?? 0)}
            />
          )}
        </>
      ) : (
        <div className={styles.message}>
          <strong>{t('paused')}</strong>
          <p>{t('pausedHint')}</p>
        </div>
      )}
      {isWarnedOf && (
        <figcaption className={styles.worthless} role="alert">
          <strong>{t(picture)}</strong> {t(`${picture}Hint`)}
        </figcaption>
      )}
    </figure>
  );
}

interface LiveStatusProps {
  readonly state: LiveState;
  /** What comes is fresh and shows nothing: it must not be called live. */
  readonly isWorthless: boolean;
  readonly restart: () => void;
}

function LiveStatus({ state, isWorthless, restart }: LiveStatusProps) {
  const { t } = useTranslation('live');
  const { clock } = useHub();
  const formats = useTimeFormats();
  const codeText = useCodeText();
  const timeOf = (pageMs: number): string => formats.clock(pageMs + (clock.offset()?.ms ?? 0));
  switch (state.kind) {
    case 'connecting':
      return (
        <p className={styles.message} role="status">
          <span className={styles.spinner} aria-hidden="true" />
          {t('connecting')}
        </p>
      );
    case 'live':
      if (isWorthless) return null;
      return (
        <>
          <p className={styles.badge}>
            <span className={styles.dot} aria-hidden="true" />
            {t('live')} <span className={styles.pictureTime}>{timeOf(state.takenAtMs)}</span>
          </p>
          {state.everySec !== undefined && <p className={styles.note}>{t('sparse', { seconds: state.everySec })}</p>}
        </>
      );
    case 'stale':
      return (
        <div className={styles.warning} role="alert">
          <strong>{t('stale', { seconds: state.ageSec })}</strong>
          <p>{t('staleHint', { time: timeOf(state.takenAtMs) })}</p>
        </div>
      );
    case 'offline':
      return (
        <div className={styles.warning} role="alert">
          <strong>{t('offline')}</strong>
          {state.problem !== undefined && <p>{codeText(state.problem)}</p>}
          {state.takenAtMs !== undefined && state.ageSec !== undefined && (
            <p>{t('lastPicture', { time: timeOf(state.takenAtMs), seconds: state.ageSec })}</p>
          )}
          {state.retries && <p>{t('retrying')}</p>}
          <Button size="small" onClick={restart}>
            {t('retry')}
          </Button>
        </div>
      );
  }
}
