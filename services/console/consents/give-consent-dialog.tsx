import { FACE_NOTICE_VERSION, type NewFaceConsent } from '@dipper/contract/api/face-consent';
import type { HolderView } from '@dipper/contract/api/holder';
import { Button, Checkbox, Form, Input, Modal, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { useAccessPoints } from '../passes/use-passes.ts';
import styles from './consents.module.css';
import { useGiveConsent } from './use-consents.ts';

interface Values extends Pick<NewFaceConsent, 'accessPoints' | 'how' | 'guardian' | 'guardianProof'> {
  readonly minor?: boolean;
  readonly shown?: boolean;
  readonly months: number;
}

const MONTH_MS = 30 * 24 * 3_600_000;

interface GiveConsentDialogProps {
  readonly resident: HolderView;
  readonly onClose: () => void;
}

/** Records a consent. The notice stands above what is ticked, and nothing is ticked beforehand. */
export function GiveConsentDialog({ resident, onClose }: GiveConsentDialogProps) {
  const { t } = useTranslation(['faces', 'shell']);
  const localText = useLocalText();
  const [form] = Form.useForm<Values>();
  const isMinor = Form.useWatch('minor', form) === true;
  const { data: points } = useAccessPoints();
  const give = useGiveConsent(resident.id);
  const here = (points ?? []).filter(({ estate, active }) => estate === resident.estate && active);
  const required = [{ required: true, message: t('faces:missing') }];
  const send = ({ accessPoints, how, months, guardian, guardianProof }: Values): void =>
    give.mutate(
      {
        ...{ purpose: 'estate-access', noticeVersion: FACE_NOTICE_VERSION, accessPoints, how, minor: isMinor },
        ...(isMinor && guardian !== undefined && guardianProof !== undefined && { guardian, guardianProof }),
        validUntil: new Date(Date.now() + months * MONTH_MS).toISOString(),
      },
      { onSuccess: onClose },
    );
  return (
    <Modal
      open
      title={t('faces:giveTitle', { name: resident.name })}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <blockquote className={styles.notice}>
        {(['who', 'what', 'choice', 'where', 'withdraw'] as const).map((part) => (
          <p key={part}>{t(`faces:noticeText.${part}`)}</p>
        ))}
        <p className={styles.quiet}>{t('faces:noticeVersion', { version: FACE_NOTICE_VERSION })}</p>
      </blockquote>
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ how: 'in-person', months: 12 }}
        onFinish={send}
      >
        <FormFailure error={give.error} />
        <Form.Item name="accessPoints" label={t('faces:accessPoints')} rules={required}>
          <Select mode="multiple" options={here.map(({ id, name }) => ({ value: id, label: localText(name) }))} />
        </Form.Item>
        <Form.Item name="how" label={t('faces:howLabel')} rules={required}>
          <Radio.Group
            options={(['in-person', 'paper'] as const).map((how) => ({ value: how, label: t(`faces:how.${how}`) }))}
          />
        </Form.Item>
        <Form.Item name="months" label={t('faces:for')} rules={required}>
          <Select options={[3, 6, 12, 24].map((months) => ({ value: months, label: t('faces:months', { months }) }))} />
        </Form.Item>
        <Form.Item name="minor" valuePropName="checked">
          <Checkbox>{t('faces:minor')}</Checkbox>
        </Form.Item>
        {isMinor && (
          <>
            <Form.Item name="guardian" label={t('faces:guardian')} rules={required}>
              <Input maxLength={64} autoComplete="off" />
            </Form.Item>
            <Form.Item name="guardianProof" label={t('faces:guardianProof')} rules={required}>
              <Input maxLength={200} autoComplete="off" />
            </Form.Item>
          </>
        )}
        <Form.Item
          name="shown"
          valuePropName="checked"
          rules={[
            { validator: async (_rule, value) => value === true || Promise.reject(new Error(t('faces:missing'))) },
          ]}
        >
          <Checkbox>{isMinor ? t('faces:guardianConsents') : t('faces:residentConsents')}</Checkbox>
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={give.isPending}>
            {t('faces:record')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
