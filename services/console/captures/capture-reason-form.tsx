import { Button, Form, Input, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNow } from '../time/use-now.ts';
import { useTimeFormats } from '../time/use-time.ts';
import { MAX_CHARACTERS, REASONS, type ReasonKind, reasonText } from './capture-reason.ts';
import styles from './captures.module.css';

interface Values {
  readonly kind: ReasonKind;
  readonly detail?: string;
}

interface CaptureReasonFormProps {
  readonly expiresAt: string;
  readonly onReason: (reason: string) => void;
}

/** Asks why somebody wants to see a face. */
export function CaptureReasonForm({ expiresAt, onReason }: CaptureReasonFormProps) {
  const { t } = useTranslation('captures');
  const nowMs = useNow(60_000);
  const formats = useTimeFormats();
  const [form] = Form.useForm<Values>();
  const reasonOf = ({ kind, detail = '' }: Values): string | undefined =>
    reasonText(kind, t(`reasons.${kind}`), detail);
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ kind: 'verify' }}
      onFinish={(values) => {
        const reason = reasonOf(values);
        if (reason === undefined) form.setFields([{ name: 'detail', errors: [t('detailNeeded')] }]);
        else onReason(reason);
      }}
    >
      <Form.Item name="kind" label={t('why')}>
        <Radio.Group
          className={styles.reasons ?? ''}
          options={REASONS.map((kind) => ({ value: kind, label: t(`reasons.${kind}`) }))}
        />
      </Form.Item>
      <Form.Item name="detail" label={t('detail')}>
        <Input.TextArea rows={2} maxLength={MAX_CHARACTERS - 64} autoComplete="off" />
      </Form.Item>
      <p className={styles.audit}>{t('audit')}</p>
      <p className={styles.audit}>{t('availableUntil', { time: formats.full(Date.parse(expiresAt), nowMs) })}</p>
      <Button type="primary" htmlType="submit" size="large" block>
        {t('submit')}
      </Button>
    </Form>
  );
}
