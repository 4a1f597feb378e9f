import { DownOutlined, RightOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { AlarmQueue } from './alarm-queue.tsx';
import { PriorityMark } from './priority-mark.tsx';
import styles from './queue-groups.module.css';
import { groupsOf, type QueueGroup, type QueueLine } from './queue-line.ts';

interface QueueGroupsProps {
  readonly lines: readonly QueueLine[];
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
}

/** The queue in a flood: lines of a kind are folded together, each still within reach; what is chosen stays in sight. */
export function QueueGroups({ lines, chosen, onChoose }: QueueGroupsProps) {
  return groupsOf(lines).map((group) =>
    group.lines.length === 1 ? (
      <AlarmQueue key={group.key} lines={group.lines} chosen={chosen} onChoose={onChoose} />
    ) : (
      <Group key={group.key} group={group} chosen={chosen} onChoose={onChoose} />
    ),
  );
}

function Group({ group, chosen, onChoose }: Omit<QueueGroupsProps, 'lines'> & { readonly group: QueueGroup }) {
  const { t } = useTranslation('operator');
  const localText = useLocalText();
  const [isOpen, setOpen] = useState(false);
  const [first] = group.lines;
  const [lead] = first.alarms;
  const shown = isOpen ? group.lines : group.lines.filter(({ key }) => key === chosen);
  return (
    <>
      <button
        type="button"
        className={styles.group}
        data-queue-group
        aria-expanded={isOpen}
        onClick={() => setOpen((was) => !was)}
      >
        {isOpen ? <DownOutlined aria-hidden="true" /> : <RightOutlined aria-hidden="true" />}
        <PriorityMark priority={lead.priority} isShort />
        <span className={styles.title}>
          {t('flood.group', { title: localText(lead.title), count: group.lines.length })}
        </span>
        <span className={styles.act}>{t(isOpen ? 'flood.hide' : 'flood.show')}</span>
      </button>
      {shown.length > 0 && <AlarmQueue lines={shown} chosen={chosen} onChoose={onChoose} />}
    </>
  );
}
