import { CalendarOutlined, EditOutlined } from '@ant-design/icons';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import styles from './access.module.css';
import { RemoveButton } from './remove-button.tsx';
import { RuleList } from './rule-list.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { useAccessWords } from './use-access-words.ts';

interface ScheduleListProps {
  readonly estate: string;
  readonly schedules: readonly AccessScheduleView[];
}

/** When rules and permits are on. */
export function ScheduleList({ estate, schedules }: ScheduleListProps) {
  return (
    <RuleList
      kind="schedules"
      icon={<CalendarOutlined />}
      rules={schedules}
      row={(schedule, onEdit) => <ScheduleRow schedule={schedule} onEdit={onEdit} />}
      dialog={(schedule, onClose) => <ScheduleDialog estate={estate} schedule={schedule} onClose={onClose} />}
    />
  );
}

interface ScheduleRowProps {
  readonly schedule: AccessScheduleView;
  /** Undefined for whoever only reads. */
  readonly onEdit: (() => void) | undefined;
}

function ScheduleRow({ schedule, onEdit }: ScheduleRowProps) {
  const { t } = useTranslation('access');
  const { week } = useAccessWords();
  const { id, name, weekly, holidays, specialDays, version } = schedule;
  return (
    <li className={styles.row}>
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
      {onEdit !== undefined && (
        <span className={styles.actions}>
          <Button icon={<EditOutlined />} onClick={onEdit}>
            {t('edit')}
          </Button>
          <RemoveButton kind="schedule" id={id} version={version} name={name} />
        </span>
      )}
    </li>
  );
}
