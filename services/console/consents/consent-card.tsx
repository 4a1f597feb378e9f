import type { FaceConsentView } from '@dipper/contract/api/face-consent';
import { App, Button, Popconfirm, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useAllowed } from '../session/session-context.ts';
import styles from './consents.module.css';
import { EnrolDialog } from './enrol-dialog.tsx';
import { EnrolmentLine } from './enrolment-line.tsx';
import { useWithdrawConsent } from './use-consents.ts';
import { useInstantText } from './use-instant-text.ts';

/** One consent: what it allows, how enrolling goes, and what edges signed for once it was withdrawn. */
export function ConsentCard({ consent }: { readonly consent: FaceConsentView }) {
  const { t } = useTranslation('faces');
  const instantText = useInstantText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const mayAct = useAllowed('useConsents');
  const [isEnrolling, setEnrolling] = useState(false);
  const withdraw = useWithdrawConsent(consent);
  const isCurrent = consent.withdrawnAt === null;
  const [latest] = consent.enrolments;
  return (
    <li className={styles.card}>
      <div className={styles.cardHead}>
        <Tag color={isCurrent ? 'green' : 'default'}>{isCurrent ? t('current') : t('withdrawn')}</Tag>
        <strong>{t('purpose.estate-access')}</strong>
        <span className={styles.quiet}>{consent.accessPoints.join(' · ')}</span>
      </div>
      <dl className={styles.facts}>
        <dt>{t('givenAt')}</dt>
        <dd>
          {instantText(consent.givenAt)} · {t(`how.${consent.how}`)} · {consent.recordedBy}
        </dd>
        <dt>{t('validUntil')}</dt>
        <dd>{instantText(consent.validUntil)}</dd>
        <dt>{t('notice')}</dt>
        <dd>{consent.noticeVersion}</dd>
        {consent.minor && <dt>{t('guardian')}</dt>}
        {consent.minor && (
          <dd>
            {consent.guardian} · {consent.guardianProof}
          </dd>
        )}
        {consent.withdrawnAt !== null && <dt>{t('withdrawnAt')}</dt>}
        {consent.withdrawnAt !== null && (
          <dd>
            {instantText(consent.withdrawnAt)} · {consent.withdrawnBy}
          </dd>
        )}
      </dl>
      {isCurrent && latest !== undefined && <EnrolmentLine enrolment={latest} />}
      <Receipts consent={consent} />
      {isCurrent && mayAct && (
        <div className={styles.buttons}>
          <Button type="primary" onClick={() => setEnrolling(true)}>
            {t('enrol')}
          </Button>
          <Popconfirm
            title={t('withdrawSure')}
            okText={t('withdraw')}
            okButtonProps={{ danger: true }}
            onConfirm={() =>
              withdraw.mutate(undefined, { onError: (error) => void message.error(errorText(error).text) })
            }
          >
            <Button danger loading={withdraw.isPending}>
              {t('withdraw')}
            </Button>
          </Popconfirm>
        </div>
      )}
      {isEnrolling && <EnrolDialog consent={consent} onClose={() => setEnrolling(false)} />}
    </li>
  );
}

function Receipts({ consent }: { readonly consent: FaceConsentView }) {
  const { t } = useTranslation('faces');
  const instantText = useInstantText();
  if (consent.erasures.length === 0 && consent.awaited.length === 0) return null;
  return (
    <div>
      <h3>{t('receipts')}</h3>
      <ul className={styles.receipts}>
        {consent.awaited.map((agent) => (
          <li key={agent}>
            <Tag color="orange">{t('awaited')}</Tag> {agent} · <span className={styles.quiet}>{t('awaitedHint')}</span>
          </li>
        ))}
        {consent.erasures.map(({ agent, reason, erasedAt, signed }) => (
          <li key={`${agent}${erasedAt}`}>
            <Tag color={signed ? 'green' : 'red'}>{signed ? t('signed') : t('unsigned')}</Tag> {agent} ·{' '}
            {t(`reason.${reason}`)} · {instantText(erasedAt)}
          </li>
        ))}
      </ul>
    </div>
  );
}
