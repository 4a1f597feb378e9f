import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { Fragment, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import styles from './access.module.css';

interface RuleListProps<Rule> {
  readonly kind: 'points' | 'areas' | 'schedules';
  readonly icon: ReactNode;
  readonly rules: readonly Rule[];
  /** @param onEdit undefined for whoever only reads */
  readonly row: (rule: Rule, onEdit: (() => void) | undefined) => ReactNode;
  /** @param rule undefined for a new one */
  readonly dialog: (rule: Rule | undefined, onClose: () => void) => ReactNode;
}

/** Rules of one kind, a row each, with the dialog for a new one or one that is there. */
export function RuleList<Rule extends { readonly id: string }>({
  kind,
  icon,
  rules,
  row,
  dialog,
}: RuleListProps<Rule>) {
  const { t } = useTranslation('access');
  const mayKeep = useAllowed('keepAccess');
  const [open, setOpen] = useState<string>();
  return (
    <>
      {mayKeep && (
        <div className={styles.tools}>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen('')}>
            {t(`${kind}.create`)}
          </Button>
        </div>
      )}
      {rules.length === 0 ? (
        <Notice title={t(`${kind}.none`)} hint={t(`${kind}.noneHint`)} icon={icon} />
      ) : (
        <ul className={styles.list}>
          {rules.map((rule) => (
            <Fragment key={rule.id}>{row(rule, mayKeep ? () => setOpen(rule.id) : undefined)}</Fragment>
          ))}
        </ul>
      )}
      {open !== undefined && (
        <Fragment key={open}>
          {dialog(
            rules.find(({ id }) => id === open),
            () => setOpen(undefined),
          )}
        </Fragment>
      )}
    </>
  );
}
