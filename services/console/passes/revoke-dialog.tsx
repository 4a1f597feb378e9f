import type { PassView } from '@dipper/contract/api/pass';
import { App, Button, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import styles from './passes.module.css';
import { useRevokePass } from './use-passes.ts';

/** Takes a pass back, with a reason that stands beside it. */
export function RevokeDialog({ pass, onClose }: { readonly pass: PassView; readonly onClose: () => void }) {
  const { t } = useTranslation(['passes', 'shell']);
  const { message } = App.useApp();
  const revoke = useRevokePass();
  const send = ({ reason }: { reason: string }): void =>
    revoke.mutate(
      { id: pass.id, reason: reason.trim() },
      {
        onSuccess() {
          message.success(t('passes:revoked'));
          onClose();
        },
      },
    );
  return (
    <Modal open title={t('passes:revokeTitle', { name: pass.name })} footer={null} onCancel={onClose}>
      <p>{t('passes:revokeHint')}</p>
      <Form<{ reason: string }> layout="vertical" requiredMark={false} onFinish={send}>
        <FormFailure error={revoke.error} />
        <Form.Item
          name="reason"
          label={t('passes:revokeReason')}
          rules={[{ required: true, whitespace: true, min: 2, message: t('passes:reasonMissing') }]}
        >
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} maxLength={512} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button danger type="primary" htmlType="submit" loading={revoke.isPending}>
            {t('passes:revoke')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
