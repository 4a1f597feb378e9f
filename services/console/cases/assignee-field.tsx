import { Alert, Button, Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import styles from './case-step-dialog.module.css';
import { useAssignees } from './use-assignees.ts';

/** Whom a case is given to: found by any part of the name. */
export function AssigneeField() {
  const { t } = useTranslation(['cases', 'shell']);
  const errorText = useErrorText();
  const { data: assignees, error, isPending, refetch } = useAssignees();
  if (assignees === undefined && error !== null) {
    return (
      <Alert
        className={styles.notice ?? ''}
        type="error"
        showIcon
        role="alert"
        title={errorText(error).text}
        action={<Button onClick={() => void refetch()}>{t('shell:retry')}</Button>}
      />
    );
  }
  const isNobodyThere = assignees?.length === 0;
  return (
    <Form.Item
      name="assignee"
      label={t('cases:assigneeLabel')}
      extra={isNobodyThere ? t('cases:nobodyToAssign') : undefined}
      rules={[{ required: true, message: t('cases:assigneeMissing') }]}
    >
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        loading={isPending}
        disabled={isNobodyThere}
        placeholder={t('cases:assigneeMissing')}
        options={(assignees ?? []).map(({ name, displayName }) => ({ value: name, label: `${displayName} (${name})` }))}
      />
    </Form.Item>
  );
}
