import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useDurationText, useTimeFormats } from '../time/use-time.ts';
import styles from './connection-banner.module.css';
import { useFeedState } from './use-feed-state.ts';

/** How long the page says that it sees again. */
const RELIEF_MS = 8_000;

/** Says as loudly as a page can that it is blind, and for how long; afterwards, that it sees again. */
export function ConnectionBanner() {
  const { t } = useTranslation('shell');
  const { feed } = useHub();
  const { phase, sinceMs } = useFeedState();
  const formats = useTimeFormats();
  const durationText = useDurationText();
  const nowMs = useTicks(phase === 'lost');
  const lostSinceMs = useRef<number | undefined>(undefined);
  const [interruptedMs, setInterruptedMs] = useState<number>();

  useEffect(() => {
    if (phase === 'lost') {
      lostSinceMs.current = sinceMs;
      setInterruptedMs(undefined);
      const title = document.title;
      document.title = `⚠ ${t('connection.lost')}`;
      return () => {
        document.title = title;
      };
    }
    if (phase !== 'live' || lostSinceMs.current === undefined) return;
    setInterruptedMs(Date.now() - lostSinceMs.current);
    lostSinceMs.current = undefined;
    const timer = setTimeout(() => setInterruptedMs(undefined), RELIEF_MS);
    return () => clearTimeout(timer);
  }, [phase, sinceMs, t]);

  if (phase === 'lost') {
    const since = t('connection.lostSince', {
      time: formats.clock(sinceMs),
      duration: durationText(nowMs - sinceMs),
    });
    return (
      <div className={styles.lost}>
        <span className={styles.icon} aria-hidden="true">
          ⚠
        </span>
        <div className={styles.words}>
          <p className={styles.title} role="alert">
            {t('connection.lostTitle')}
          </p>
          <p>
            {since} · {t('connection.lostHint')}
          </p>
        </div>
        <Button className={styles.retry ?? ''} onClick={() => feed.retryNow()}>
          {t('connection.retry')}
        </Button>
      </div>
    );
  }
  if (interruptedMs === undefined) return null;
  return (
    <div className={styles.back} role="status">
      <strong>{t('connection.backTitle')}</strong> {t('connection.backHint', { duration: durationText(interruptedMs) })}
    </div>
  );
}

/** The page's own time, every second while it is needed: the hub's is out of reach. */
function useTicks(isNeeded: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!isNeeded) return;
    const tick = (): void => setNowMs(Date.now());
    tick();
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return nowMs;
}
