import type { CaseAction, CaseDetail } from '@dipper/contract/api/case';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FINISHED } from './case-filter.ts';
import styles from './case-next-step.module.css';
import page from './case-page.module.css';
import { CaseStepDialog } from './case-step-dialog.tsx';
import { DANGEROUS, inOrder, isForward } from './step-rules.ts';

interface CaseNextStepProps {
  readonly detail: CaseDetail;
  readonly onConflict: () => void;
  /** Somebody is deciding (again). */
  readonly onStep: () => void;
}

/** What whoever is signed in may do with the case, and nothing else. */
export function CaseNextStep({ detail, onConflict, onStep }: CaseNextStepProps) {
  const { case: gridCase } = detail;
  const { t } = useTranslation('cases');
  const [action, setAction] = useState<CaseAction>();
  const actions = inOrder(gridCase.actions);
  const main = actions.find(isForward);
  const isFinished = FINISHED.includes(gridCase.state);
  return (
    <section className={page.panel} aria-labelledby="next-title">
      <h2 id="next-title">{t('next')}</h2>
      {main === undefined && <p className={page.quiet}>{t(isFinished ? 'finished' : 'nothingToDo')}</p>}
      {actions.length > 0 && (
        <div className={styles.actions}>
          {actions.map((each) => (
            <Button
              key={each}
              size="large"
              type={each === main ? 'primary' : 'default'}
              danger={DANGEROUS.includes(each)}
              className={each === main ? (styles.main ?? '') : ''}
              onClick={() => {
                onStep();
                setAction(each);
              }}
            >
              {t(`action.${each}`)}
            </Button>
          ))}
        </div>
      )}
      {action !== undefined && (
        <CaseStepDialog
          detail={detail}
          action={action}
          onClose={() => setAction(undefined)}
          onConflict={() => {
            setAction(undefined);
            onConflict();
          }}
        />
      )}
    </section>
  );
}
