import { UserAddOutlined } from '@ant-design/icons';
import type { AccountView } from '@dipper/contract/api/account';
import { App, Button, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Failure, Loading } from '../layout/states.tsx';
import { useSession } from '../session/session-context.ts';
import { Moment } from '../time/moment.tsx';
import { AccountDialog } from './account-dialog.tsx';
import styles from './accounts-page.module.css';
import { PasswordCodeButton } from './password-code-button.tsx';
import { useAccounts, useChangeAccount } from './use-accounts.ts';

/** 账号: who may sign in, as what. */
export function AccountsPage() {
  const { t } = useTranslation(['accounts', 'shell']);
  const { data: accounts, error, refetch } = useAccounts();
  const [edited, setEdited] = useState<AccountView | 'new'>();
  if (accounts === undefined) {
    return error === null ? <Loading rows={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('accounts:title')}</h1>
        <span className={styles.quiet}>{t('accounts:count', { count: accounts.length })}</span>
        <Button
          className={styles.create ?? ''}
          type="primary"
          icon={<UserAddOutlined />}
          onClick={() => setEdited('new')}
        >
          {t('accounts:create')}
        </Button>
      </header>
      <ul className={styles.list}>
        {accounts.map((account) => (
          <AccountRow key={account.id} account={account} onEdit={() => setEdited(account)} />
        ))}
      </ul>
      {edited !== undefined && (
        <AccountDialog
          account={edited === 'new' ? undefined : edited}
          taken={accounts.map(({ name }) => name)}
          onClose={() => setEdited(undefined)}
        />
      )}
    </div>
  );
}

interface AccountRowProps {
  readonly account: AccountView;
  readonly onEdit: () => void;
}

function AccountRow({ account, onEdit }: AccountRowProps) {
  const { t } = useTranslation(['accounts', 'shell']);
  const { account: own } = useSession();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const change = useChangeAccount();
  const isActive = account.disabledAt === null;
  const setActive = (active: boolean): void =>
    change.mutate({ id: account.id, change: { active } }, { onError: (error) => message.error(errorText(error).text) });
  return (
    <li className={styles.row} data-active={isActive}>
      <span className={styles.who}>
        <span className={styles.displayName}>{account.displayName}</span>
        <span className={styles.quiet}>{account.name}</span>
      </span>
      <span className={styles.roles}>{account.roles.map((role) => t(`shell:roles.${role}`)).join(' · ')}</span>
      <span className={styles.state}>
        {account.disabledAt === null ? (
          t('accounts:active')
        ) : (
          <>
            {t('accounts:disabled')} · <Moment at={account.disabledAt} as="relative" />
          </>
        )}
      </span>
      <span className={styles.actions}>
        <Button onClick={onEdit}>{t('accounts:change')}</Button>
        {isActive && <PasswordCodeButton account={account} />}
        {isActive ? (
          <Popconfirm
            title={t('accounts:disableTitle', { name: account.displayName })}
            description={t('accounts:disableHint')}
            okText={t('accounts:disable')}
            okButtonProps={{ danger: true }}
            cancelText={t('shell:cancel')}
            onConfirm={() => setActive(false)}
          >
            {/* Whoever disables himself would have nobody to ask. */}
            <Button danger disabled={account.id === own.id} loading={change.isPending}>
              {t('accounts:disable')}
            </Button>
          </Popconfirm>
        ) : (
          <Button loading={change.isPending} onClick={() => setActive(true)}>
            {t('accounts:enable')}
          </Button>
        )}
      </span>
    </li>
  );
}
