import type { NewImpactAssessment } from '@dipper/contract/api/face-consent';
import { Alert, App, Button, Form, Input, Modal, Popconfirm, Select, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, FormFailure, Loading } from '../layout/states.tsx';
import { usePlaceTree } from '../places/use-place-tree.ts';
import { useAllowed } from '../session/session-context.ts';
import styles from './consents.module.css';
import { useAssessments, useEndAssessment, useFileAssessment } from './use-consents.ts';
import { useInstantText } from './use-instant-text.ts';

/** Impact assessments on file. Where none is current, it says that nobody is recognised. */
export function Assessments() {
  const { t } = useTranslation('faces');
  const instantText = useInstantText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const mayFile = useAllowed('fileAssessments');
  const [isFiling, setFiling] = useState(false);
  const { data: assessments, error, refetch } = useAssessments();
  const end = useEndAssessment();
  const isCurrent = ({ endedAt, validUntil }: { endedAt: string | null; validUntil: string }): boolean =>
    endedAt === null && Date.parse(validUntil) > Date.now();
  return (
    <section aria-labelledby="assessments-title">
      <div className={styles.bar}>
        <h2 id="assessments-title">{t('assessments')}</h2>
        {mayFile && <Button onClick={() => setFiling(true)}>{t('file')}</Button>}
      </div>
      {assessments === undefined && error === null && <Loading rows={1} />}
      {assessments === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {assessments !== undefined && !assessments.some(isCurrent) && (
        <Alert type="warning" showIcon title={t('noAssessment')} description={t('noAssessmentHint')} />
      )}
      <ul className={styles.list}>
        {assessments?.map((assessment) => (
          <li key={assessment.id} className={styles.card}>
            <div className={styles.cardHead}>
              <Tag color={isCurrent(assessment) ? 'green' : 'default'}>
                {isCurrent(assessment) ? t('assessmentCurrent') : t('assessmentOver')}
              </Tag>
              <strong>{assessment.title}</strong>
              <span className={styles.quiet}>
                {assessment.estate} · {assessment.document} · {t('until', { at: instantText(assessment.validUntil) })}
              </span>
              {mayFile && isCurrent(assessment) && (
                <Popconfirm
                  title={t('endSure')}
                  onConfirm={() =>
                    end.mutate(assessment.id, { onError: (failure) => void message.error(errorText(failure).text) })
                  }
                >
                  <Button size="small" danger>
                    {t('end')}
                  </Button>
                </Popconfirm>
              )}
            </div>
          </li>
        ))}
      </ul>
      {isFiling && <FileDialog onClose={() => setFiling(false)} />}
    </section>
  );
}

function FileDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(['faces', 'shell']);
  const localText = useLocalText();
  const { data: tree } = usePlaceTree();
  const file = useFileAssessment();
  const required = [{ required: true, whitespace: true, message: t('faces:missing') }];
  return (
    <Modal open title={t('faces:file')} footer={null} onCancel={onClose} mask={{ closable: false }}>
      <Form<Omit<NewImpactAssessment, 'validUntil'> & { readonly until: string }>
        layout="vertical"
        requiredMark={false}
        onFinish={({ until, ...asked }) =>
          file.mutate(
            { ...asked, validUntil: new Date(`${until}T00:00:00+08:00`).toISOString() },
            { onSuccess: onClose },
          )
        }
      >
        <FormFailure error={file.error} />
        <Form.Item name="estate" label={t('faces:estate')} rules={required}>
          <Select options={(tree?.estates ?? []).map(({ id, name }) => ({ value: id, label: localText(name) }))} />
        </Form.Item>
        <Form.Item name="title" label={t('faces:assessmentTitle')} rules={required}>
          <Input maxLength={120} />
        </Form.Item>
        <Form.Item name="document" label={t('faces:document')} extra={t('faces:documentHint')} rules={required}>
          <Input maxLength={300} />
        </Form.Item>
        <Form.Item name="until" label={t('faces:validUntil')} rules={required}>
          <Input type="date" />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={file.isPending}>
            {t('faces:file')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
