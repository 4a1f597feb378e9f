import type { RuleView } from '@dipper/contract/api/rule';
import { Alert, Button, Form, Input, Modal } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DryRunPanel } from './dry-run-panel.tsx';
import { RuleProblems } from './rule-problems.tsx';
import styles from './rules-page.module.css';
import { useChangeRule, useCreateRule } from './use-rules.ts';

interface RuleDialogProps {
  /** Undefined: a new one. */
  readonly rule: RuleView | undefined;
  readonly mayChange: boolean;
  readonly onClose: () => void;
}

/** Makes a rule, changes one, or shows one of the file. */
export function RuleDialog({ rule, mayChange, onClose }: RuleDialogProps) {
  const { t } = useTranslation(['rules', 'shell']);
  const [yaml, setYaml] = useState(rule?.yaml ?? t('rules:example'));
  const text = useRef<TextAreaRef>(null);
  const create = useCreateRule();
  const change = useChangeRule();
  const error = create.error ?? change.error;
  const isReadOnly = !mayChange || rule?.origin === 'file';
  const submit = ({ note }: { readonly note: string }): void => {
    if (rule === undefined) create.mutate({ yaml, note }, { onSuccess: onClose });
    else change.mutate({ id: rule.id, change: { version: rule.version ?? 1, yaml, note } }, { onSuccess: onClose });
  };
  const showLine = (line: number): void => {
    const area = text.current?.resizableTextArea?.textArea;
    if (area === undefined) return;
    const before = yaml.split('\n').slice(0, line - 1);
    const from = before.reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(from, from + (yaml.split('\n')[line - 1]?.length ?? 0));
    area.scrollTop = (area.scrollHeight / Math.max(1, yaml.split('\n').length)) * Math.max(0, line - 3);
  };
  const title =
    rule === undefined ? t('rules:create') : t(isReadOnly ? 'rules:lookTitle' : 'rules:editTitle', { name: rule.id });
  return (
    <Modal open title={title} footer={null} onCancel={onClose} mask={{ closable: isReadOnly }} width={760}>
      <Form layout="vertical" requiredMark={false} onFinish={submit}>
        {rule?.origin === 'file' && <Alert type="info" showIcon title={t('rules:readOnly')} />}
        <Form.Item label={t('rules:yaml')} htmlFor="rule-yaml">
          <Input.TextArea
            id="rule-yaml"
            ref={text}
            className={styles.yaml ?? ''}
            value={yaml}
            readOnly={isReadOnly}
            onChange={({ target }) => setYaml(target.value)}
            autoSize={{ minRows: 10, maxRows: 20 }}
            maxLength={8_192}
            spellCheck={false}
            autoCapitalize="none"
          />
        </Form.Item>
        {error !== null && <RuleProblems error={error} onLine={showLine} />}
        {mayChange && <DryRunPanel yaml={yaml} onLine={showLine} />}
        {!isReadOnly && (
          <Form.Item
            name="note"
            label={t('rules:note')}
            rules={[{ required: true, whitespace: true, message: t('rules:noteMissing') }]}
          >
            <Input maxLength={512} autoComplete="off" />
          </Form.Item>
        )}
        <div className={styles.buttons}>
          <Button size="large" onClick={onClose}>
            {t(isReadOnly ? 'shell:close' : 'shell:cancel')}
          </Button>
          {!isReadOnly && (
            <Button size="large" type="primary" htmlType="submit" loading={create.isPending || change.isPending}>
              {t('rules:save')}
            </Button>
          )}
        </div>
      </Form>
    </Modal>
  );
}
