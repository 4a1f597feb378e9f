import {
  CheckOutlined,
  ClockCircleOutlined,
  HourglassOutlined,
  PauseCircleOutlined,
  WarningOutlined,
} from '@ant-design/icons';
import type { GridCase } from '@dipper/contract/api/case';
import { useTranslation } from 'react-i18next';
import { useNow } from '../time/use-now.ts';
import { useDurationText, useTimeFormats } from '../time/use-time.ts';
import { deadlineStandingOf } from './deadline.ts';
import styles from './deadline-mark.module.css';

const ICONS = {
  left: <ClockCircleOutlined aria-hidden="true" />,
  near: <HourglassOutlined aria-hidden="true" />,
  overdue: <WarningOutlined aria-hidden="true" />,
  'in-time': <CheckOutlined aria-hidden="true" />,
  'too-late': <WarningOutlined aria-hidden="true" />,
};

/** How much time is left, counting down. */
export function DeadlineMark({ gridCase }: { readonly gridCase: GridCase }) {
  const { t } = useTranslation('cases');
  const nowMs = useNow(1_000);
  const durationText = useDurationText();
  const formats = useTimeFormats();
  if (gridCase.state === 'voided' || gridCase.state === 'merged') return <span className={styles.mark}>—</span>;
  if (gridCase.suspendedAt !== null) {
    return (
      <span className={styles.mark}>
        <PauseCircleOutlined aria-hidden="true" /> {t('suspended')}
      </span>
    );
  }
  const standing = deadlineStandingOf(gridCase, nowMs);
  const text = () => {
    switch (standing.kind) {
      case 'left':
      case 'near':
        return t('left', { duration: durationText(standing.ms) });
      case 'overdue':
        return t('overdue', { duration: durationText(standing.ms) });
      case 'in-time':
        return t('inTime');
      case 'too-late':
        return t('tooLate');
    }
  };
  return (
    <span
      className={styles.mark}
      data-standing={standing.kind}
      title={formats.full(Date.parse(gridCase.deadlineAt), nowMs)}
    >
      {ICONS[standing.kind]} {text()}
    </span>
  );
}
