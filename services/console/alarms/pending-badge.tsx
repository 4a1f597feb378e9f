import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { openAlarmsQuery } from './open-alarms.ts';
import styles from './pending-badge.module.css';

/** How many alarms nobody has acknowledged, wherever on the page one is. */
export function PendingBadge() {
  const { t } = useTranslation('alarms');
  const { client } = useHub();
  const { data } = useQuery(openAlarmsQuery(client));
  const count = data?.filter(({ acknowledged }) => !acknowledged).length ?? 0;
  if (count === 0) return null;
  return (
    <span className={styles.badge}>
      <span aria-hidden="true">{count}</span>
      <span className="only-heard">{t('pending', { count })}</span>
    </span>
  );
}
