import { useTranslation } from 'react-i18next';
import { useFeedState } from '../feed/use-feed-state.ts';
import styles from './shell.module.css';

/** Whether the page hears the hub, always in sight. */
export function ConnectionMark() {
  const { t } = useTranslation('shell');
  const { phase } = useFeedState();
  const shown = phase === 'stopped' ? 'connecting' : phase;
  return (
    <span className={styles.connection} data-phase={shown}>
      <span className={styles.dot} aria-hidden="true" />
      <span className={styles.connectionText}>{t(`connection.${shown}`)}</span>
    </span>
  );
}
