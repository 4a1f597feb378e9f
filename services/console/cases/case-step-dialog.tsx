import type { CaseAction, CaseDetail } from '@dipper/contract/api/case';
import { Alert, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import { AssigneeField } from './assignee-field.tsx';
import { RequestText } from './case-request.tsx';
import styles from './case-step-dialog.module.css';
import { DeadlineField, extendedBy } from './deadline-field.tsx';
import { DuplicateField } from './duplicate-field.tsx';
import { readDraft, writeDraft } from './note-draft.ts';
import { DANGEROUS, needsNote, noteLabelOf } from './step-rules.ts';
import { useTakeStep } from './use-take-step.ts';

interface CaseStepDialogProps {
  readonly detail: CaseDetail;
  readonly action: CaseAction;
  readonly onClose: () => void;
  readonly onConflict: () => void;
}

interface Values {
  readonly note?: string;
  readonly assignee?: string;
  readonly days?: number;
  readonly into?: string;
}

/** Limit of the contract's CaseStepRequest. */
const MAX_NOTE = 2_000;

/** Asks for what a step needs, and takes it on the version that was on screen when it was chosen. */
export function CaseStepDialog({ detail, action, onClose, onConflict }: CaseStepDialogProps) {
  const { case: gridCase, duplicates, suggestedAssignee } = detail;
  const { t } = useTranslation(['cases', 'shell']);
  const takeStep = useTakeStep(gridCase, onConflict);
  // A change that comes in while somebody writes must not be decided on unseen.
  const [version] = useState(gridCase.version);
  const submit = ({ note, assignee, days, into }: Values): void => {
    const words = note?.trim() ?? '';
    takeStep.mutate(
      {
        action,
        version,
        ...(words === '' ? {} : { note: words }),
        ...(assignee === undefined ? {} : { assignee: assignee.trim() }),
        ...(days === undefined ? {} : { until: extendedBy(gridCase.deadlineAt, days) }),
        ...(into === undefined ? {} : { into }),
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Modal
      open
      title={t(`cases:action.${action}`)}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
      width={520}
    >
      <Form<Values>
        layout="vertical"
        requiredMark={false}
        initialValues={{
          note: readDraft(gridCase.id),
          assignee: action === 'dispatch' ? (gridCase.assignee ?? suggestedAssignee?.name) : undefined,
        }}
        onValuesChange={(_, { note }) => writeDraft(gridCase.id, note ?? '')}
        onFinish={submit}
      >
        {action === 'void' && (
          <Alert className={styles.notice ?? ''} type="warning" showIcon title={t('cases:confirmVoid')} />
        )}
        <FormFailure error={takeStep.error} />
        {gridCase.request !== null && (action === 'approve' || action === 'refuse') && (
          <RequestText request={gridCase.request} />
        )}
        {action === 'dispatch' && <AssigneeField purpose="handle" onDuty={suggestedAssignee?.name} />}
        {action === 'entrust' && <AssigneeField purpose="entrust" />}
        {action === 'extend' && <DeadlineField deadlineAt={gridCase.deadlineAt} />}
        {action === 'merge' && <DuplicateField duplicates={duplicates} />}
        <Form.Item
          name="note"
          label={t(`cases:noteFor.${noteLabelOf(action)}`)}
          extra={t('cases:draftKept')}
          rules={[{ required: needsNote(action), whitespace: needsNote(action), message: t('cases:noteMissing') }]}
        >
          <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} maxLength={MAX_NOTE} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button size="large" onClick={onClose}>
            {t('shell:cancel')}
          </Button>
          <Button
            size="large"
            type="primary"
            danger={DANGEROUS.includes(action)}
            htmlType="submit"
            loading={takeStep.isPending}
            disabled={action === 'merge' && duplicates.length === 0}
          >
            {t(`cases:action.${action}`)}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
