import type { CaseAction, GridCase } from '@dipper/contract/api/case';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './case-next-step.module.css';
import page from './case-page.module.css';
import { CaseStepDialog } from './case-step-dialog.tsx';
import { inOrder, isForward } from './step-rules.ts';

interface CaseNextStepProps {
  readonly gridCase: GridCase;
  readonly onConflict: () => void;
  /** Somebody is deciding (again). */
  readonly onStep: () => void;
}

/** What whoever is signed in may do with the case, and nothing else. */
export function CaseNextStep({ gridCase, onConflict, onStep }: CaseNextStepProps) {
  const { t } = useTranslation('cases');
  const [action, setAction] = useState<CaseAction>();
  const actions = inOrder(gridCase.actions);
  const main = actions.find(isForward);
  const isFinished = gridCase.state === 'closed' || gridCase.state === 'voided';
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
              danger={each === 'void'}
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
          gridCase={gridCase}
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
