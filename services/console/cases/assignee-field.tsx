import { Alert, Button, Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import styles from './case-step-dialog.module.css';
import { type AssigneePurpose, useAssignees } from './use-assignees.ts';

interface AssigneeFieldProps {
  readonly purpose: AssigneePurpose;
  /** Who is on duty, named first. */
  readonly onDuty?: string | undefined;
}

/** Whom a case is given to: found by any part of the name. */
export function AssigneeField({ purpose, onDuty }: AssigneeFieldProps) {
  const { t } = useTranslation(['cases', 'shell']);
  const errorText = useErrorText();
  const { data: assignees, error, isPending, refetch } = useAssignees(purpose);
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
      label={t(purpose === 'handle' ? 'cases:assigneeLabel' : 'cases:leaderLabel')}
      extra={isNobodyThere ? t('cases:nobodyToAssign') : undefined}
      rules={[{ required: true, message: t('cases:assigneeMissing') }]}
    >
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        loading={isPending}
        disabled={isNobodyThere}
        placeholder={t('cases:assigneeMissing')}
        options={[...(assignees ?? [])]
          .sort((a, b) => Number(b.name === onDuty) - Number(a.name === onDuty))
          .map(({ name, displayName }) => ({
            value: name,
            label: `${displayName} (${name})${name === onDuty ? ` · ${t('cases:onDuty')}` : ''}`,
          }))}
      />
    </Form.Item>
  );
}
