import { ArrowLeftOutlined } from '@ant-design/icons';
import type { CaseDetail } from '@dipper/contract/api/case';
import { Alert, Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router-dom';
import { PriorityMark } from '../alarms/priority-mark.tsx';
import { isHubError } from '../api/hub-error.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { CaseAlarms } from './case-alarms.tsx';
import { CaseFacts } from './case-facts.tsx';
import { CaseNextStep } from './case-next-step.tsx';
import styles from './case-page.module.css';
import { CasePictures } from './case-pictures.tsx';
import { CaseRelatives } from './case-relatives.tsx';
import { RequestText } from './case-request.tsx';
import { CaseStateTag } from './case-state-tag.tsx';
import { CaseSteps } from './case-steps.tsx';
import { DeadlineMark } from './deadline-mark.tsx';
import { useCase } from './use-cases.ts';

/** One case: what, where, until when, what to do next, what was done. */
export function CasePage() {
  const { t } = useTranslation('cases');
  const { id = '' } = useParams();
  const { data, error, refetch } = useCase(id);
  if (data !== undefined) return <CaseContent key={id} detail={data} />;
  if (error === null) return <Loading rows={8} />;
  if (isHubError(error, 'NOT_FOUND') || isHubError(error, 'REQUEST_INVALID')) {
    return (
      <Notice title={t('notFound')}>
        <Link to="/cases">{t('toList')}</Link>
      </Notice>
    );
  }
  return <Failure error={error} onRetry={() => void refetch()} />;
}

function CaseContent({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation(['cases', 'shell']);
  const navigate = useNavigate();
  const localText = useLocalText();
  const places = usePlaces();
  const [hasConflict, setConflict] = useState(false);
  const { case: gridCase, steps, alarms, duplicates, merged } = detail;
  const goBack = (): void => {
    // Opened from an address rather than from a list: there is nothing to go back to.
    if (window.history.length > 1) navigate(-1);
    else navigate('/cases');
  };
  return (
    <article className={styles.page} aria-labelledby="case-title">
      <header className={styles.head}>
        <Button type="text" icon={<ArrowLeftOutlined />} aria-label={t('shell:back')} onClick={goBack} />
        <div className={styles.heading}>
          <h1 id="case-title">{localText(gridCase.title)}</h1>
          <p className={styles.where}>
            {places.whereOf(gridCase)} · {gridCase.number}
          </p>
          <p className={styles.marks}>
            <PriorityMark priority={gridCase.priority} />
            <CaseStateTag state={gridCase.state} />
            <DeadlineMark gridCase={gridCase} />
            {gridCase.supervisedAt !== null && <Tag color="red">{t('cases:supervised')}</Tag>}
            {gridCase.leader !== null && <Tag color="purple">{t('cases:entrusted')}</Tag>}
          </p>
        </div>
      </header>
      {hasConflict && (
        <Alert
          className={styles.conflict ?? ''}
          type="warning"
          showIcon
          role="alert"
          title={t('cases:conflictTitle')}
          description={t('cases:conflictHint')}
          closable={{ onClose: () => setConflict(false) }}
        />
      )}
      <div className={styles.columns}>
        <div className={styles.main}>
          {gridCase.request !== null && <RequestText request={gridCase.request} />}
          <CaseNextStep detail={detail} onConflict={() => setConflict(true)} onStep={() => setConflict(false)} />
          <CasePictures detail={detail} />
          <CaseSteps steps={steps} />
        </div>
        <div className={styles.side}>
          <CaseFacts gridCase={gridCase} />
          <CaseRelatives title={t('cases:duplicates')} hint={t('cases:duplicatesHint')} cases={duplicates} />
          <CaseRelatives title={t('cases:merged')} cases={merged} />
          <CaseAlarms ids={alarms} />
        </div>
      </div>
    </article>
  );
}
