import type { RuleView } from '@dipper/contract/api/rule';
import { App, Button, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { PriorityMark } from '../alarms/priority-mark.tsx';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import styles from './rules-page.module.css';
import { useChangeRule } from './use-rules.ts';

interface RuleRowProps {
  readonly rule: RuleView;
  readonly mayChange: boolean;
  readonly onOpen: () => void;
}

/** One rule: what it says, where it comes from, whether it is in force. */
export function RuleRow({ rule, mayChange, onOpen }: RuleRowProps) {
  const { t } = useTranslation('rules');
  const language = useLanguage();
  const isEditable = mayChange && rule.origin === 'database';
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <span className={styles.name}>{rule.title?.[language] ?? rule.id}</span>
        <span className={styles.quiet}>{rule.id}</span>
        {rule.problems.map((problem) => (
          <span key={problem} className={styles.problem}>
            {problem}
          </span>
        ))}
      </div>
      <div className={styles.tags}>
        {rule.priority !== null && <PriorityMark priority={rule.priority} />}
        {rule.safetyCritical && <Tag color="error">{t('safety')}</Tag>}
        <Tag>{t(rule.origin)}</Tag>
        <StateTag rule={rule} />
        {rule.changedAt !== null && (
          <span className={styles.quiet}>
            {rule.changedBy} · <Moment at={rule.changedAt} as="relative" />
          </span>
        )}
      </div>
      <div className={styles.actions}>
        {isEditable && <SwitchButton rule={rule} />}
        <Button onClick={onOpen}>{t(isEditable ? 'edit' : 'look')}</Button>
      </div>
    </li>
  );
}

function StateTag({ rule }: { readonly rule: RuleView }) {
  const { t } = useTranslation('rules');
  if (!rule.enabled) return <Tag>{t('disabled')}</Tag>;
  return rule.problems.length > 0 ? (
    <Tag color="warning">{t('notInForce')}</Tag>
  ) : (
    <Tag color="success">{t('enabled')}</Tag>
  );
}

/** Switches a rule on or off at once, with a way back. */
function SwitchButton({ rule }: { readonly rule: RuleView }) {
  const { t } = useTranslation('rules');
  const { message } = App.useApp();
  const errorText = useErrorText();
  const change = useChangeRule();
  const failed = (error: unknown): void => void message.error(errorText(error).text);
  const turn = (): void => {
    const enabled = !rule.enabled;
    change.mutate(
      { id: rule.id, change: { version: rule.version ?? 1, enabled, note: t(enabled ? 'noteOn' : 'noteOff') } },
      { onSuccess: (changed) => offerUndo(changed, !enabled), onError: failed },
    );
  };
  const offerUndo = ({ id, version, enabled }: RuleView, back: boolean): void => {
    const key = `rule ${id}`;
    const undo = (): void => {
      message.destroy(key);
      change.mutate({ id, change: { version: version ?? 1, enabled: back, note: t('noteUndo') } }, { onError: failed });
    };
    void message.success({
      key,
      duration: 8,
      content: (
        <>
          {t(enabled ? 'switchedOn' : 'switchedOff', { name: id })}{' '}
          <Button type="link" size="small" onClick={undo}>
            {t('undo')}
          </Button>
        </>
      ),
    });
  };
  return (
    <Button onClick={turn} loading={change.isPending}>
      {t(rule.enabled ? 'disable' : 'enable')}
    </Button>
  );
}
