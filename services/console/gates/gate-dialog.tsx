import type { DoorAction } from '@dipper/contract/door-action';
import { Button, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { isLasting, QUICK_REASONS } from './gate-access.ts';
import styles from './gates.module.css';

/** Limit of the contract's Reason. */
const MAX_REASON = 512;

interface GateDialogProps {
  readonly gate: string;
  readonly action: DoorAction;
  readonly onGive: (reason: string) => void;
  readonly onClose: () => void;
}

/**
 * Asks why a gate shall do something. One of the usual reasons is enough for what is over by itself; what lasts wants a
 * second look.
 */
export function GateDialog({ gate, action, onGive, onClose }: GateDialogProps) {
  const { t } = useTranslation(['gates', 'shell']);
  const [form] = Form.useForm<{ readonly reason: string }>();
  const lasts = isLasting(action);
  const choose = (reason: string): void => {
    if (lasts) form.setFieldValue('reason', reason);
    else onGive(reason);
  };
  return (
    <Modal
      open
      title={t(`gates:ask.${action}`, { gate })}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
      width={480}
    >
      <p className={styles.meaning} data-lasting={lasts}>
        {t(`gates:meaning.${action}`)}
      </p>
      <ul className={styles.reasons} aria-label={t('gates:usualReasons')}>
        {QUICK_REASONS[action].map((reason) => (
          <li key={reason}>
            <Button onClick={() => choose(t(`gates:reasons.${reason}`))}>{t(`gates:reasons.${reason}`)}</Button>
          </li>
        ))}
      </ul>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={({ reason }) => onGive(reason.trim())}>
        <Form.Item
          name="reason"
          label={t('gates:reason')}
          rules={[{ required: true, whitespace: true, min: 2, message: t('gates:reasonMissing') }]}
        >
          <Input autoFocus maxLength={MAX_REASON} autoComplete="off" />
        </Form.Item>
        <div className={styles.dialogButtons}>
          <Button size="large" onClick={onClose}>
            {t('shell:cancel')}
          </Button>
          <Button size="large" type="primary" htmlType="submit">
            {t(`gates:confirm.${action}`)}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
