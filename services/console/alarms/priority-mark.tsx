import type { Priority } from '@dipper/contract/api/alarm';
import { useTranslation } from 'react-i18next';
import styles from './priority-mark.module.css';

/** A shape for each priority, so that nobody needs to tell red from orange (ISA-101 §5: never colour alone). */
const SHAPES: Record<Priority, string> = {
  critical: 'M7 1h10l6 6v10l-6 6H7l-6-6V7z',
  high: 'M12 1.5 23.5 22H.5z',
  medium: 'M12 .8 23.2 12 12 23.2.8 12z',
  low: 'M12 1a11 11 0 1 1 0 22 11 11 0 0 1 0-22z',
};

interface PriorityMarkProps {
  readonly priority: Priority;
  /** Leaves the word to those who listen. */
  readonly isShort?: boolean;
}

/** How soon somebody has to act: colour, shape and word. */
export function PriorityMark({ priority, isShort = false }: PriorityMarkProps) {
  const { t } = useTranslation('alarms');
  return (
    <span className={styles.mark} data-priority={priority}>
      <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
        <path d={SHAPES[priority]} fill="currentcolor" />
        {priority === 'low' ? (
          <path d="M7 12h10" className={styles.sign} />
        ) : (
          <path d={priority === 'high' ? 'M12 9v6M12 18.5v.1' : 'M12 6v7M12 17v.1'} className={styles.sign} />
        )}
      </svg>
      <span className={isShort ? 'only-heard' : styles.word}>{t(`priority.${priority}`)}</span>
    </span>
  );
}
