import { CalendarOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import styles from './access.module.css';
import { RemoveButton } from './remove-button.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { useAccessWords } from './use-access-words.ts';

interface ScheduleListProps {
  readonly estate: string;
  readonly schedules: readonly AccessScheduleView[];
}

/** When rules and permits are on. */
export function ScheduleList({ estate, schedules }: ScheduleListProps) {
  const { t } = useTranslation('access');
  const { week } = useAccessWords();
  const mayKeep = useAllowed('keepAccess');
  const [open, setOpen] = useState<string>();
  return (
    <>
      {mayKeep && (
        <div className={styles.tools}>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen('')}>
            {t('schedules.create')}
          </Button>
        </div>
      )}
      {schedules.length === 0 ? (
        <Notice title={t('schedules.none')} hint={t('schedules.noneHint')} icon={<CalendarOutlined />} />
      ) : (
        <ul className={styles.list}>
          {schedules.map(({ id, name, weekly, holidays, specialDays, version }) => (
            <li key={id} className={styles.row}>
              <span className={styles.what}>
                <span className={styles.name}>{name}</span>
              </span>
              <span className={styles.words}>
                <span>{week(weekly)}</span>
                <span className={styles.quiet}>
                  {t('schedules.holidays')}: {t(`schedules.holidayUse.${holidays}`)}
                  {specialDays.length > 0 && ` · ${t('schedules.specialCount', { count: specialDays.length })}`}
                </span>
              </span>
              {mayKeep && (
                <span className={styles.actions}>
                  <Button icon={<EditOutlined />} onClick={() => setOpen(id)}>
                    {t('edit')}
                  </Button>
                  <RemoveButton kind="schedule" id={id} version={version} name={name} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {open !== undefined && (
        <ScheduleDialog
          key={open}
          estate={estate}
          schedule={schedules.find(({ id }) => id === open)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}
