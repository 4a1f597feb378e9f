import {
  CheckOutlined,
  ClockCircleOutlined,
  ExclamationOutlined,
  RollbackOutlined,
  SyncOutlined,
} from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import styles from './alarm-state-tags.module.css';

interface AlarmStateTagsProps {
  readonly isActive: boolean;
  readonly isAcknowledged: boolean;
  readonly isLate: boolean;
  readonly occurrences: number;
  /** Alarms that this one has silenced. */
  readonly suppressed: number;
}

/** Where an alarm stands (ISA-18.2): acknowledged or not, active or cleared, each with a sign of its own. */
export function AlarmStateTags({ isActive, isAcknowledged, isLate, occurrences, suppressed }: AlarmStateTagsProps) {
  const { t } = useTranslation('alarms');
  return (
    <>
      <span className={styles.tag} data-look={isAcknowledged ? 'quiet' : 'pending'}>
        {isAcknowledged ? <CheckOutlined aria-hidden="true" /> : <ExclamationOutlined aria-hidden="true" />}
        {t(isAcknowledged ? 'state.acknowledged' : 'state.pending')}
      </span>
      <span className={styles.tag} data-look={isActive ? 'active' : 'quiet'}>
        {isActive ? <SyncOutlined aria-hidden="true" /> : <RollbackOutlined aria-hidden="true" />}
        {t(isActive ? 'state.active' : 'state.cleared')}
      </span>
      {isLate && (
        <span className={styles.tag} data-look="quiet" title={t('lateHint')}>
          <ClockCircleOutlined aria-hidden="true" />
          {t('late')}
        </span>
      )}
      {occurrences > 1 && (
        <span className={styles.tag} data-look="quiet">
          {t('occurrences', { count: occurrences })}
        </span>
      )}
      {suppressed > 0 && (
        <span className={styles.tag} data-look="quiet" title={t('suppressedHint')}>
          {t('suppressed', { count: suppressed })}
        </span>
      )}
    </>
  );
}
