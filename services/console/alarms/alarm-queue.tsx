import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import styles from './alarm-queue.module.css';
import { AlarmStateTags } from './alarm-state-tags.tsx';
import { PriorityMark } from './priority-mark.tsx';
import type { QueueLine } from './queue-line.ts';

interface AlarmQueueProps {
  readonly lines: readonly QueueLine[];
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
}

/** The lines of the desk, what has to be looked at first on top. */
export function AlarmQueue({ lines, chosen, onChoose }: AlarmQueueProps) {
  const { t } = useTranslation('alarms');
  return (
    <ol className={styles.queue} aria-label={t('queue')}>
      {lines.map((line) => (
        <li key={line.key}>
          <QueueEntry line={line} isChosen={line.key === chosen} onChoose={() => onChoose(line.key)} />
        </li>
      ))}
    </ol>
  );
}

interface QueueEntryProps {
  readonly line: QueueLine;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function QueueEntry({ line, isChosen, onChoose }: QueueEntryProps) {
  const { t } = useTranslation('alarms');
  const localText = useLocalText();
  const places = usePlaces();
  const button = useRef<HTMLButtonElement>(null);
  const [lead, ...others] = line.alarms;
  useEffect(() => {
    if (isChosen) button.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <button
      ref={button}
      type="button"
      className={styles.line}
      data-queue-line
      data-priority={lead.priority}
      data-acknowledged={line.isAcknowledged}
      aria-current={isChosen}
      onClick={onChoose}
    >
      <span className={styles.head}>
        <PriorityMark priority={lead.priority} />
        <span className={styles.when}>
          <Moment at={line.lastOccurredAt} as="relative" />
        </span>
      </span>
      <span className={styles.title}>{localText(lead.title)}</span>
      <span className={styles.where}>{places.whereOf(lead)}</span>
      <span className={styles.tags}>
        <AlarmStateTags
          isActive={line.isActive}
          isAcknowledged={line.isAcknowledged}
          isLate={lead.late}
          occurrences={line.occurrences}
          suppressed={line.suppressed}
          isSafetyCritical={line.alarms.some(({ safetyCritical }) => safetyCritical)}
          isChattering={line.alarms.some(({ chattering }) => chattering)}
          isStale={line.alarms.some(({ stale }) => stale)}
        />
        {others.length > 0 && <span className={styles.others}>{t('others', { count: others.length })}</span>}
      </span>
    </button>
  );
}
