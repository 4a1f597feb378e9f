import type { DryRunResult } from '@dipper/contract/api/rule';
import { Button, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import { RuleProblems } from './rule-problems.tsx';
import styles from './rules-page.module.css';
import { useDryRun } from './use-rules.ts';

const RANGES_DAYS = [1, 7, 30] as const;
const SHOWN = 5;

/** Tries a rule on the history, as it stands in the text, saved or not. */
export function DryRunPanel({ yaml, onLine }: { readonly yaml: string; readonly onLine: (line: number) => void }) {
  const { t } = useTranslation('rules');
  const [days, setDays] = useState<number>(7);
  const running = useRef<AbortController>(undefined);
  const run = useDryRun();
  useEffect(() => () => running.current?.abort(), []);
  const start = (): void => {
    running.current = new AbortController();
    run.mutate({ yaml, days, signal: running.current.signal });
  };
  const stop = (): void => {
    running.current?.abort();
    run.reset();
  };
  return (
    <section className={styles.dryRun} aria-label={t('dryRun')}>
      <div className={styles.dryRunHead}>
        <strong>{t('dryRun')}</strong>
        <span className={styles.quiet}>{t('dryRunHint')}</span>
      </div>
      <div className={styles.dryRunTools}>
        <Select
          value={days}
          onChange={setDays}
          aria-label={t('dryRun')}
          options={RANGES_DAYS.map((count) => ({ value: count, label: t('days', { count }) }))}
        />
        <Button onClick={start} loading={run.isPending} disabled={yaml.trim() === ''}>
          {t('run')}
        </Button>
        {run.isPending && <Button onClick={stop}>{t('stop')}</Button>}
      </div>
      {run.error !== null && <RuleProblems error={run.error} onLine={onLine} />}
      {run.data !== undefined && <Outcome result={run.data} />}
    </section>
  );
}

function Outcome({ result }: { readonly result: DryRunResult }) {
  const { t } = useTranslation('rules');
  const language = useLanguage();
  const most = Math.max(1, ...result.perDay.map(({ alarms }) => alarms));
  return (
    <div className={styles.outcome} aria-live="polite">
      <p className={styles.count}>
        {result.alarms === 0 ? t('wouldHaveNone') : t('wouldHave', { count: result.alarms })}
      </p>
      <p className={styles.quiet}>
        {t('looked', { events: result.events, seconds: (result.tookMs / 1000).toFixed(1) })}
      </p>
      {result.perDay.length > 0 && (
        <>
          <h3>{t('perDay')}</h3>
          <ul className={styles.days}>
            {result.perDay.map(({ day, alarms }) => (
              <li key={day}>
                <span>{day.slice(5)}</span>
                <span className={styles.bar} style={{ inlineSize: `${(alarms / most) * 60}%` }} aria-hidden="true" />
                <span>{alarms}</span>
              </li>
            ))}
          </ul>
          <h3>{t('first')}</h3>
          <ul className={styles.first}>
            {result.first.slice(0, SHOWN).map(({ key, title, raisedAt, clearedAt }) => (
              <li key={`${key} ${raisedAt}`}>
                <span>{title[language]}</span>
                <span className={styles.quiet}>
                  <Moment at={raisedAt} as="absolute" /> –{' '}
                  {clearedAt === null ? t('lasting') : <Moment at={clearedAt} as="absolute" />}
                </span>
              </li>
            ))}
          </ul>
          {result.alarms > SHOWN && <p className={styles.quiet}>{t('more', { count: result.alarms - SHOWN })}</p>}
        </>
      )}
    </div>
  );
}
