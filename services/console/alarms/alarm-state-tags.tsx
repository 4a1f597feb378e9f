import {
  CheckOutlined,
  ClockCircleOutlined,
  ExclamationOutlined,
  HourglassOutlined,
  RetweetOutlined,
  RollbackOutlined,
  SafetyOutlined,
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
  readonly isSafetyCritical: boolean;
  readonly isChattering: boolean;
  readonly isStale: boolean;
}

/** Where an alarm stands (ISA-18.2): acknowledged or not, active or cleared, each with a sign of its own. */
export function AlarmStateTags(props: AlarmStateTagsProps) {
  const { isActive, isAcknowledged, isLate, occurrences, suppressed } = props;
  const { t } = useTranslation(['alarms', 'operator']);
  return (
    <>
      {props.isSafetyCritical && (
        <span className={styles.tag} data-look="safety" title={t('operator:safetyCriticalHint')}>
          <SafetyOutlined aria-hidden="true" />
          {t('operator:safetyCritical')}
        </span>
      )}
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
      {props.isChattering && (
        <span className={styles.tag} data-look="warning" title={t('operator:chatteringHint')}>
          <RetweetOutlined aria-hidden="true" />
          {t('operator:chattering')}
        </span>
      )}
      {props.isStale && (
        <span className={styles.tag} data-look="warning" title={t('operator:staleHint')}>
          <HourglassOutlined aria-hidden="true" />
          {t('operator:stale')}
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
