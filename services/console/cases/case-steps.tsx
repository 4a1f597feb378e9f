import type { CaseStep } from '@dipper/contract/api/case';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { Moment } from '../time/moment.tsx';
import page from './case-page.module.css';
import styles from './case-steps.module.css';

/** The hub signs what a rule did with the rule's name. */
const RULE = 'rule:';

/** What was done, by whom and when, the latest on top. */
export function CaseSteps({ steps }: { readonly steps: readonly CaseStep[] }) {
  const { t } = useTranslation('cases');
  const newestFirst = [...steps].reverse();
  return (
    <section className={page.panel} aria-labelledby="steps-title">
      <h2 id="steps-title">{t('steps')}</h2>
      <ol className={styles.steps}>
        {newestFirst.map((step) => (
          <li key={step.id} className={styles.step}>
            <StepText step={step} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function StepText({ step }: { readonly step: CaseStep }) {
  const { t } = useTranslation('cases');
  const { action, from, to, note, assignee, assigneeName, request, until, other, at, takenAt, clamped } = step;
  return (
    <>
      <p className={styles.what}>
        <strong>
          {t(`action.${action}`)}
          {request !== null && ` · ${t(`request.${request}`)}`}
        </strong>
        {assignee !== null && <span>{assigneeName ?? assignee}</span>}
        {from !== to && <span className={styles.becomes}>{t('becomes', { state: t(`state.${to}`) })}</span>}
      </p>
      {until !== null && (
        <p className={styles.note}>
          {t('newDeadline')} <Moment at={until} as="absolute" />
        </p>
      )}
      {note !== null && <p className={styles.note}>{note}</p>}
      {other !== null && <Link to={`/cases/${other}`}>{t('openOther')}</Link>}
      <p className={styles.who}>
        <Doer step={step} /> · <Moment at={takenAt} />
        {takenAt !== at && (
          <>
            {' · '}
            {t(clamped ? 'sentLaterClamped' : 'sentLater')} <Moment at={at} as="absolute" />
          </>
        )}
      </p>
    </>
  );
}

function Doer({ step: { by, byName } }: { readonly step: CaseStep }) {
  const { t } = useTranslation('cases');
  if (by.startsWith(RULE)) return t('byRule', { rule: by.slice(RULE.length) });
  if (by === 'clock') return t('byClock');
  if (by === 'resident') return t('sources.resident');
  return byName ?? by;
}
