import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, QuestionCircleFilled } from '@ant-design/icons';
import type { ReactNode } from 'react';
import type { DeviceStanding } from './device-standing.ts';
import styles from './standing-mark.module.css';

const ICONS: Record<DeviceStanding, ReactNode> = {
  good: <CheckCircleFilled aria-hidden="true" />,
  warning: <ExclamationCircleFilled aria-hidden="true" />,
  bad: <CloseCircleFilled aria-hidden="true" />,
  unknown: <QuestionCircleFilled aria-hidden="true" />,
};

/** How something is: sign, colour, and the words given. */
export function StandingMark({
  standing,
  children,
}: {
  readonly standing: DeviceStanding;
  readonly children: ReactNode;
}) {
  return (
    <span className={styles.mark} data-standing={standing}>
      {ICONS[standing]} {children}
    </span>
  );
}
