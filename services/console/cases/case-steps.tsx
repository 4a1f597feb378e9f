import type { CaseStep } from '@dipper/contract/api/case';
import { useTranslation } from 'react-i18next';
import { Moment } from '../time/moment.tsx';
import page from './case-page.module.css';
import styles from './case-steps.module.css';

/** The hub signs what a rule did with the rule's name. */
const RULE = 'rule:';

/** What was done, by whom and when, the latest on top. */
export function CaseSteps({ steps }: { readonly steps: readonly CaseStep[] }) {
  const { t } = useTranslation('cases');
  const doerOf = (by: string): string => (by.startsWith(RULE) ? t('byRule', { rule: by.slice(RULE.length) }) : by);
  const newestFirst = [...steps].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <section className={page.panel} aria-labelledby="steps-title">
      <h2 id="steps-title">{t('steps')}</h2>
      <ol className={styles.steps}>
        {newestFirst.map(({ id, action, from, to, by, at, note }) => (
          <li key={id} className={styles.step}>
            <p className={styles.what}>
              <strong>{t(`action.${action}`)}</strong>
              {from !== to && <span className={styles.becomes}>{t('becomes', { state: t(`state.${to}`) })}</span>}
            </p>
            {note !== null && <p className={styles.note}>{note}</p>}
            <p className={styles.who}>
              {doerOf(by)} · <Moment at={at} />
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
