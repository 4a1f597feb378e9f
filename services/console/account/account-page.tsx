import type { TotpStatus } from '@dipper/contract/api/totp';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { Failure, Loading } from '../layout/states.tsx';
import { SecondFactorDialog } from '../session/second-factor-dialog.tsx';
import { useSession } from '../session/session-context.ts';
import { Moment } from '../time/moment.tsx';
import styles from './account-page.module.css';
import { PasswordForm } from './password-form.tsx';
import { SessionList } from './session-list.tsx';
import { TokenList } from './token-list.tsx';

/** 我的账号: how one signs in, where one is signed in, and which programs act in one's name. */
export function AccountPage() {
  const { t } = useTranslation(['account', 'shell']);
  const { account } = useSession();
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('account:title')}</h1>
        <span className={styles.quiet}>
          {account.displayName} · {account.name} · {account.roles.map((role) => t(`shell:roles.${role}`)).join(' / ')}
        </span>
      </header>
      <SecondFactor />
      <PasswordForm />
      <SessionList />
      <TokenList />
    </div>
  );
}

function SecondFactor() {
  const { t } = useTranslation('account');
  const { client } = useHub();
  const [isOpen, setIsOpen] = useState(false);
  const status = useQuery({
    queryKey: keys.totp,
    queryFn: ({ signal }) => client.get<TotpStatus>('/api/v1/totp', signal),
  });
  return (
    <section className={styles.section} aria-labelledby="account-factor">
      <h2 id="account-factor">{t('factor')}</h2>
      {status.data === undefined && status.error === null && <Loading rows={1} />}
      {status.error !== null && <Failure error={status.error} onRetry={() => void status.refetch()} />}
      {status.data !== undefined && (
        <div className={styles.line}>
          <span>
            {status.data.confirmedAt === null ? (
              t('factorOff')
            ) : (
              <>
                {t('factorOn', { count: status.data.recoveryCodesLeft })}{' '}
                <Moment at={status.data.confirmedAt} as="absolute" />
              </>
            )}
          </span>
          <Button onClick={() => setIsOpen(true)}>
            {status.data.confirmedAt === null ? t('factorSetUp') : t('factorManage')}
          </Button>
        </div>
      )}
      {isOpen && <SecondFactorDialog onClose={() => setIsOpen(false)} />}
    </section>
  );
}
