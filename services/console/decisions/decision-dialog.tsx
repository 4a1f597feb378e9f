import { Button, Form, Input, Modal } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import styles from './decision-dialog.module.css';
import { type Decided, useDecide } from './use-decide.tsx';

/** Limit of the contract's Reason. */
const MAX_REASON = 512;

interface DecisionDialogProps<V extends object> {
  readonly title: string;
  readonly hint: string;
  readonly initialValues: V;
  readonly onDecide: (values: V & { readonly reason: string }) => Promise<Decided>;
  readonly onClose: () => void;
  /** Whether there is nothing to decide about. */
  readonly isVoid?: boolean;
  readonly children: ReactNode;
}

/** Asks for what a decision about alarms needs, and always for the reason. */
export function DecisionDialog<V extends object>(props: DecisionDialogProps<V>) {
  const { title, hint, initialValues, onDecide, onClose, isVoid = false, children } = props;
  const { t } = useTranslation(['operator', 'shell']);
  const decide = useDecide();
  return (
    <Modal open title={title} footer={null} onCancel={onClose} mask={{ closable: false }} width={520}>
      <Form<V & { reason: string }>
        layout="vertical"
        requiredMark={false}
        initialValues={initialValues}
        onFinish={(values) =>
          decide.mutate(() => onDecide({ ...initialValues, ...values, reason: values.reason.trim() }), {
            onSuccess: onClose,
          })
        }
      >
        <p className={styles.hint}>{hint}</p>
        <FormFailure error={decide.error} />
        {children}
        <Form.Item
          name="reason"
          label={t('operator:reason')}
          rules={[{ required: true, whitespace: true, min: 2, message: t('operator:reasonMissing') }]}
        >
          <Input.TextArea autoFocus rows={2} maxLength={MAX_REASON} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button size="large" onClick={onClose}>
            {t('shell:cancel')}
          </Button>
          <Button size="large" type="primary" htmlType="submit" disabled={isVoid} loading={decide.isPending}>
            {t('operator:confirm')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
