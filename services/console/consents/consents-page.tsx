import { SafetyCertificateOutlined } from '@ant-design/icons';
import type { HolderView } from '@dipper/contract/api/holder';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { ResidentSelect } from '../passes/resident-select.tsx';
import { useAllowed } from '../session/session-context.ts';
import { Assessments } from './assessments.tsx';
import { ConsentCard } from './consent-card.tsx';
import styles from './consents.module.css';
import { GiveConsentDialog } from './give-consent-dialog.tsx';
import { useConsents } from './use-consents.ts';

/** 人脸通行: on what ground faces are recognised, and the consents of each resident. */
export function ConsentsPage() {
  const { t } = useTranslation('faces');
  const mayGive = useAllowed('keepConsents');
  const [resident, setResident] = useState<HolderView>();
  const [isGiving, setGiving] = useState(false);
  const { data: consents, error, refetch } = useConsents(resident?.id);
  const hasCurrent = consents?.some(({ withdrawnAt }) => withdrawnAt === null) === true;
  return (
    <div className={styles.page}>
      <header>
        <h1>{t('title')}</h1>
        <p className={styles.quiet}>{t('hint')}</p>
      </header>
      <Assessments />
      <section aria-labelledby="consents-title">
        <h2 id="consents-title">{t('consents')}</h2>
        <div className={styles.bar}>
          <div className={styles.search}>
            <ResidentSelect
              {...(resident !== undefined && { value: resident.id })}
              onChosen={(chosen) => setResident(chosen)}
            />
          </div>
          {mayGive && resident !== undefined && consents !== undefined && !hasCurrent && (
            <Button type="primary" onClick={() => setGiving(true)}>
              {t('give')}
            </Button>
          )}
        </div>
        {resident === undefined && <Notice title={t('chooseResident')} icon={<SafetyCertificateOutlined />} />}
        {resident !== undefined && consents === undefined && error === null && <Loading rows={3} />}
        {consents === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
        {consents?.length === 0 && <Notice title={t('none', { name: resident?.name ?? '' })} hint={t('noneHint')} />}
        <ul className={styles.list}>
          {consents?.map((consent) => (
            <ConsentCard key={consent.id} consent={consent} />
          ))}
        </ul>
      </section>
      {isGiving && resident !== undefined && <GiveConsentDialog resident={resident} onClose={() => setGiving(false)} />}
    </div>
  );
}
