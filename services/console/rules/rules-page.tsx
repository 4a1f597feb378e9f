import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { RuleRow } from './rule-row.tsx';
import styles from './rules-page.module.css';
import { useRules } from './use-rules.ts';

/** 告警规则: those of the file to be looked at, those made here to be changed. */
export function RulesPage() {
  const { t } = useTranslation('rules');
  const { data: rules, error, refetch } = useRules();
  const mayChange = useAllowed('manageRules');
  /** The id of the rule in the dialog; empty for a new one. */
  const [openId, setOpenId] = useState<string>();
  if (rules === undefined) {
    return error === null ? <Loading rows={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  const opened = rules.find(({ id }) => id === openId);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1>{t('title')}</h1>
          <p className={styles.quiet}>{t('hint')}</p>
        </div>
        {mayChange && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpenId('')}>
            {t('create')}
          </Button>
        )}
      </header>
      {rules.length === 0 ? (
        <Notice title={t('none')} />
      ) : (
        <ul className={styles.list}>
          {rules.map((rule) => (
            <RuleRow
              key={`${rule.origin} ${rule.id}`}
              rule={rule}
              mayChange={mayChange}
              onOpen={() => setOpenId(rule.id)}
            />
          ))}
        </ul>
      )}
      {(openId === '' || opened !== undefined) && (
        <RuleDialog key={openId} rule={opened} mayChange={mayChange} onClose={() => setOpenId(undefined)} />
      )}
    </div>
  );
}
