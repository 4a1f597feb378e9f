import { useTranslation } from 'react-i18next';
import { useNow } from '../time/use-now.ts';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './shell.module.css';

/** The hub's time, and which zone every time on the page is in. */
export function Clock() {
  const { t } = useTranslation('shell');
  const nowMs = useNow(1_000);
  return (
    <span className={styles.clock} title={t('zoneHint')}>
      <span className={styles.zone}>{t('zone')}</span> {useTimeFormats().clock(nowMs)}
    </span>
  );
}
