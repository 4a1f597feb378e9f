import type { AccessRules } from '@dipper/contract/api/access-point';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import { useTranslation } from 'react-i18next';
import { useNow } from '../time/use-now.ts';
import styles from './access.module.css';
import { ruleNow } from './rule-now.ts';
import { useAccessWords } from './use-access-words.ts';
import { clockOf, wallTimeOf } from './week.ts';

interface WhoNowProps {
  readonly rules: AccessRules;
  readonly schedules: readonly AccessScheduleView[];
}

/** By what one passes here at this minute, by the clock on the estate's wall. */
export function WhoNow({ rules, schedules }: WhoNowProps) {
  const { t } = useTranslation('access');
  const { ways } = useAccessWords();
  const at = wallTimeOf(useNow(15_000));
  const { anyOf, dependsOnHolidays } = ruleNow(rules, schedules, at);
  const isOpen = anyOf.length > 0;
  // A button names nobody, and lets everybody through.
  const isForAnybody = anyOf.some((combination) => combination.includes('button'));
  const time = clockOf(at.minute);
  return (
    <span>
      <span className={styles.now} data-open={isOpen}>
        {isOpen ? t('nowOpen', { time, ways: ways(anyOf) }) : t('nowClosed', { time })}
      </span>{' '}
      <span className={styles.quiet}>
        {isOpen && !isForAnybody && t('nowWho')}
        {dependsOnHolidays && ` (${t('nowHoliday')})`}
      </span>
    </span>
  );
}
