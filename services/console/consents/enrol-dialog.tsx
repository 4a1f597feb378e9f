import type { FaceConsentView, NewFaceEnrolment } from '@dipper/contract/api/face-consent';
import { Button, Form, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../devices/use-devices.ts';
import { FormFailure } from '../layout/states.tsx';
import styles from './consents.module.css';
import { EnrolmentLine } from './enrolment-line.tsx';
import { useConsents, useEnrolFace } from './use-consents.ts';

/** Has a camera watch for the resident, and shows how it goes. No picture is shown: none leaves the edge. */
export function EnrolDialog({ consent, onClose }: { readonly consent: FaceConsentView; readonly onClose: () => void }) {
  const { t } = useTranslation(['faces', 'shell']);
  const { data: devices } = useDevices();
  const { data: consents } = useConsents(consent.holder);
  const enrol = useEnrolFace(consent);
  const [latest] = consents?.find(({ id }) => id === consent.id)?.enrolments ?? [];
  const cameras = (devices ?? []).filter(({ kind, estate }) => kind === 'camera' && estate === consent.estate);
  const required = [{ required: true, message: t('faces:missing') }];
  return (
    <Modal open title={t('faces:enrol')} footer={null} onCancel={onClose} mask={{ closable: false }}>
      <p>{t('faces:enrolHint')}</p>
      <Form<NewFaceEnrolment>
        layout="vertical"
        requiredMark={false}
        initialValues={{ accessPoint: consent.accessPoints[0] }}
        onFinish={(asked) => enrol.mutate(asked)}
      >
        <FormFailure error={enrol.error} />
        <Form.Item name="accessPoint" label={t('faces:accessPoint')} rules={required}>
          <Select options={consent.accessPoints.map((id) => ({ value: id, label: id }))} />
        </Form.Item>
        <Form.Item name="device" label={t('faces:camera')} rules={required}>
          <Select options={cameras.map(({ id }) => ({ value: id, label: id }))} />
        </Form.Item>
        {latest !== undefined && (
          <Form.Item>
            <EnrolmentLine enrolment={latest} />
          </Form.Item>
        )}
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={enrol.isPending}>
            {t('faces:start')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
