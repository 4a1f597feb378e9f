import { App, Button, Form, Input, Modal } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import { FormFailure } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import styles from './access.module.css';
import { useForgive } from './use-access.ts';

interface ForgiveButtonProps {
  /** Of the area or of the holder. */
  readonly path: string;
  readonly title: string;
  readonly hint: string;
  readonly children: ReactNode;
}

/** Has edges forget where somebody is, or who is in an area, with a reason; says which edges did. */
export function ForgiveButton({ path, title, hint, children }: ForgiveButtonProps) {
  const { t } = useTranslation(['access', 'residents', 'shell']);
  const { message } = App.useApp();
  const codeText = useCodeText();
  const mayForgive = useAllowed('forgive');
  const [isAsking, setAsking] = useState(false);
  const forgive = useForgive(path);
  if (!mayForgive) return null;
  const start = ({ reason }: { readonly reason: string }): void =>
    forgive.mutate(reason, {
      onSuccess({ edges }) {
        setAsking(false);
        const done = edges.filter(({ problem }) => problem === null).map(({ agent }) => agent);
        void message.success(t('access:forgiven.done', { agents: done.join(', ') || '0' }));
        for (const { agent, problem } of edges) {
          if (problem !== null) void message.error(t('access:forgiven.failed', { agent, problem: codeText(problem) }));
        }
      },
    });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{children}</Button>
      {isAsking && (
        <Modal open title={title} footer={null} onCancel={() => setAsking(false)}>
          <Form<{ reason: string }> layout="vertical" requiredMark={false} onFinish={start}>
            <p className={styles.quiet}>{hint}</p>
            <FormFailure error={forgive.error} />
            <Form.Item
              name="reason"
              label={t('access:forgiven.reason')}
              rules={[{ required: true, whitespace: true, min: 2, message: t('residents:reasonMissing') }]}
            >
              <Input.TextArea maxLength={512} autoSize={{ minRows: 2, maxRows: 5 }} autoFocus />
            </Form.Item>
            <div className={styles.buttons}>
              <Button onClick={() => setAsking(false)}>{t('shell:cancel')}</Button>
              <Button type="primary" htmlType="submit" loading={forgive.isPending}>
                {t('access:forgiven.start')}
              </Button>
            </div>
          </Form>
        </Modal>
      )}
    </>
  );
}
