import type { BlockRequest } from '@dipper/contract/api/holder';
import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import styles from './residents.module.css';

interface BlockButtonProps {
  readonly isBlocked: boolean;
  /** Of whom, or of what. */
  readonly name: string;
  readonly onDecide: (body: BlockRequest) => Promise<unknown>;
}

/** Blocks somebody, or something of theirs, at once, with a reason; or lets them through again. */
export function BlockButton({ isBlocked, name, onDecide }: BlockButtonProps) {
  const { t } = useTranslation(['residents', 'shell']);
  const mayBlock = useAllowed('blockHolders');
  const [isAsking, setAsking] = useState(false);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (!mayBlock) return null;
  const decide = async ({ reason }: { readonly reason: string }): Promise<void> => {
    setPending(true);
    try {
      await onDecide({ blocked: !isBlocked, reason });
      setAsking(false);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setPending(false);
    }
  };
  const title = t(isBlocked ? 'residents:unblock' : 'residents:block');
  return (
    <>
      <Button danger={!isBlocked} onClick={() => setAsking(true)}>
        {title}
      </Button>
      {isAsking && (
        <Modal open title={`${title}: ${name}`} footer={null} onCancel={() => setAsking(false)}>
          <Form<{ reason: string }> layout="vertical" requiredMark={false} onFinish={(values) => void decide(values)}>
            <FormFailure error={error} />
            <Form.Item
              name="reason"
              label={t('residents:reason')}
              extra={t('residents:blockHint')}
              rules={[{ required: true, whitespace: true, min: 2, message: t('residents:reasonMissing') }]}
            >
              <Input.TextArea maxLength={512} autoSize={{ minRows: 2, maxRows: 5 }} autoFocus />
            </Form.Item>
            <div className={styles.buttons}>
              <Button onClick={() => setAsking(false)}>{t('shell:cancel')}</Button>
              <Button type="primary" danger={!isBlocked} htmlType="submit" loading={isPending}>
                {title}
              </Button>
            </div>
          </Form>
        </Modal>
      )}
    </>
  );
}
