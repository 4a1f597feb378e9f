import { Alert, Button, Form, type FormProps, Modal } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isHubError } from '../api/hub-error.ts';
import { FormFailure } from '../layout/states.tsx';
import styles from './access.module.css';
import type { AccessAction } from './access-action.ts';
import { useAccessAction } from './use-access.ts';

interface AccessFormProps<V extends object> {
  readonly title: string;
  /** What is changed, as the page has it now; undefined for something new. */
  readonly item: { readonly version: number; readonly changedBy: string } | undefined;
  readonly initialValues: NonNullable<FormProps<V>['initialValues']>;
  /** @param version that was looked at */
  readonly actionFrom: (values: V, version: number) => AccessAction;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/**
 * The dialog of a rule's part. Where somebody else was faster it says who, keeps what was written on the screen, and loads what
 * there is now only when asked to.
 */
export function AccessForm<V extends object>(props: AccessFormProps<V>) {
  const { title, item, onClose } = props;
  const [loads, setLoads] = useState(0);
  return (
    <Modal open title={title} footer={null} onCancel={onClose} mask={{ closable: false }} width={720}>
      <Fields key={loads} {...props} item={item} onReload={() => setLoads(loads + 1)} />
    </Modal>
  );
}

function Fields<V extends object>({
  item,
  initialValues,
  actionFrom,
  children,
  onClose,
  onReload,
}: AccessFormProps<V> & { readonly onReload: () => void }) {
  const { t } = useTranslation(['access', 'shell']);
  const [seen] = useState(item?.version ?? 0);
  const act = useAccessAction();
  const isConflict = isHubError(act.error, 'VERSION_CONFLICT');
  return (
    <Form<V>
      layout="vertical"
      requiredMark={false}
      initialValues={initialValues}
      scrollToFirstError
      onFinish={(values) => act.mutate(actionFrom(values, seen), { onSuccess: onClose })}
    >
      {isConflict ? (
        <Alert
          type="warning"
          showIcon
          role="alert"
          title={t('access:conflict', { by: item?.changedBy ?? '' })}
          action={
            <Button size="small" onClick={onReload}>
              {t('access:reload')}
            </Button>
          }
        />
      ) : (
        <FormFailure error={act.error} />
      )}
      {children}
      <div className={styles.buttons}>
        <Button onClick={onClose}>{t('shell:cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={act.isPending} disabled={isConflict}>
          {t('access:save')}
        </Button>
      </div>
    </Form>
  );
}
