import { ThunderboltOutlined } from '@ant-design/icons';
import type { AlarmStanding } from '@dipper/contract/api/alarm-figures';
import { useTranslation } from 'react-i18next';
import { useNow } from '../time/use-now.ts';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './flood-banner.module.css';

/** Says that more alarms come than anybody can follow, and what the desk does about it. */
export function FloodBanner({ standing }: { readonly standing: AlarmStanding }) {
  const { t } = useTranslation('operator');
  const nowMs = useNow(60_000);
  const formats = useTimeFormats();
  const { flood, floodLimit } = standing;
  if (flood === null) return null;
  return (
    <div className={styles.banner} role="status">
      <ThunderboltOutlined aria-hidden="true" />
      <div>
        <p className={styles.title}>{t('flood.title', { limit: floodLimit.alarms, minutes: floodLimit.withinMin })}</p>
        <p>{t('flood.hint', { count: flood.alarms, time: formats.full(Date.parse(flood.from), nowMs) })}</p>
      </div>
    </div>
  );
}
