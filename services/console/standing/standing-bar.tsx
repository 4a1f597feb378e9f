import { EyeInvisibleOutlined } from '@ant-design/icons';
import type { AlarmStanding } from '@dipper/contract/api/alarm-figures';
import { useTranslation } from 'react-i18next';
import styles from './standing-bar.module.css';

interface StandingBarProps {
  readonly standing: AlarmStanding | undefined;
  readonly onOpen: () => void;
}

/** How many alarms are not announced, and why: on the desk at all times, also when there are none. */
export function StandingBar({ standing, onOpen }: StandingBarProps) {
  const { t } = useTranslation('operator');
  if (standing === undefined) return null;
  const { shelved, outOfService, suppressed, stale, chattering } = standing;
  const counts = [
    ['shelved', shelved.entries],
    ['outOfService', outOfService.entries],
    ['suppressed', suppressed.alarms],
  ] as const;
  const nuisances = [
    ['stale', stale],
    ['chattering', chattering],
  ] as const;
  return (
    <button type="button" className={styles.bar} onClick={onOpen} title={t('standing.open')}>
      <EyeInvisibleOutlined aria-hidden="true" />
      {counts.map(([what, count]) => (
        <span key={what} data-some={count > 0}>
          {t(`standing.${what}`, { count })}
        </span>
      ))}
      {nuisances.map(
        ([what, count]) =>
          count > 0 && (
            <span key={what} data-some="nuisance">
              {t(`standing.${what}`, { count })}
            </span>
          ),
      )}
    </button>
  );
}
