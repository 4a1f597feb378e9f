import type { AccountView } from '@dipper/contract/api/account';
import { App, Button, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { SecretDialog } from '../layout/secret-dialog.tsx';
import { useMakePasswordCode } from './use-accounts.ts';

/** Makes a code with which whoever the account is for sets its password, so that nobody else ever knows it. */
export function PasswordCodeButton({ account }: { readonly account: AccountView }) {
  const { t } = useTranslation(['accounts', 'shell']);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const make = useMakePasswordCode();
  const name = account.displayName;
  return (
    <>
      <Popconfirm
        title={t('accounts:codeAsk', { name })}
        description={t('accounts:codeAskHint')}
        okText={t('accounts:codeMake')}
        cancelText={t('shell:cancel')}
        onConfirm={() => make.mutate(account.id, { onError: (error) => message.error(errorText(error).text) })}
      >
        <Button loading={make.isPending}>{t('accounts:code')}</Button>
      </Popconfirm>
      {make.data !== undefined && (
        <SecretDialog
          title={t('accounts:codeTitle', { name: account.name })}
          hint={t('accounts:codeHint', { address: `${window.location.origin}/set-password` })}
          secret={make.data.code}
          onClose={make.reset}
        />
      )}
    </>
  );
}
