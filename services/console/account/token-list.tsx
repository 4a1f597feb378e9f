import { KeyOutlined } from '@ant-design/icons';
import type { ApiTokenView, CreatedApiToken } from '@dipper/contract/api/token';
import { App, Button, Popconfirm, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { SecretDialog } from '../layout/secret-dialog.tsx';
import { Failure, Loading } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import styles from './account-page.module.css';
import { TokenDialog } from './token-dialog.tsx';
import { useConfirmToken, useRevokeToken, useTokens } from './use-own-access.ts';

/** Programs that act in one's name: what each may, and until when. */
export function TokenList() {
  const { t } = useTranslation(['account', 'shell']);
  const { data: tokens, error, refetch } = useTokens();
  const [isMaking, setIsMaking] = useState(false);
  const [made, setMade] = useState<CreatedApiToken>();
  return (
    <section className={styles.section} aria-labelledby="account-tokens">
      <div className={styles.line}>
        <h2 id="account-tokens">{t('account:tokens')}</h2>
        <Button type="primary" icon={<KeyOutlined />} onClick={() => setIsMaking(true)}>
          {t('account:makeToken')}
        </Button>
      </div>
      <p className={styles.quiet}>{t('account:tokensHint')}</p>
      {tokens === undefined && error === null && <Loading rows={2} />}
      {tokens === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {tokens?.length === 0 && <p className={styles.empty}>{t('account:noTokens')}</p>}
      {tokens !== undefined && tokens.length > 0 && (
        <ul className={styles.list}>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      )}
      {isMaking && (
        <TokenDialog
          onMade={(token) => {
            setIsMaking(false);
            setMade(token);
          }}
          onClose={() => setIsMaking(false)}
        />
      )}
      {made !== undefined && (
        <SecretDialog
          title={t('account:tokenTitle', { name: made.view.name })}
          hint={t('account:tokenHint')}
          secret={made.token}
          onClose={() => setMade(undefined)}
        />
      )}
    </section>
  );
}

function TokenRow({ token }: { readonly token: ApiTokenView }) {
  const { t } = useTranslation(['account', 'shell', 'places']);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const confirm = useConfirmToken();
  const revoke = useRevokeToken();
  const onError = (error: unknown): void => void message.error(errorText(error).text);
  const places = token.scope?.map(({ id }) => id).join(', ');
  return (
    <li className={styles.row}>
      <span className={styles.who}>
        <span className={styles.name}>
          {token.name} {token.heldAt !== null && <Tag color="orange">{t('account:held')}</Tag>}
        </span>
        <span className={styles.quiet}>
          {token.roles.map((role) => t(`shell:roles.${role}`)).join(' · ')}
          {places === undefined ? '' : ` · ${places}`}
        </span>
        {token.heldAt !== null && <span className={styles.quiet}>{t('account:heldHint')}</span>}
      </span>
      <span className={styles.quiet}>
        {token.lastUsedAt === null ? (
          t('account:neverUsed')
        ) : (
          <>
            {t('account:lastUsed')} <Moment at={token.lastUsedAt} as="relative" />
          </>
        )}
        {' · '}
        {t('account:until')} <Moment at={token.expiresAt} as="absolute" />
      </span>
      <span className={styles.actions}>
        {token.heldAt !== null && (
          <Button type="primary" loading={confirm.isPending} onClick={() => confirm.mutate(token.id, { onError })}>
            {t('account:stillCounts')}
          </Button>
        )}
        <Popconfirm
          title={t('account:revokeTitle', { name: token.name })}
          description={t('account:revokeHint')}
          okText={t('account:revoke')}
          okButtonProps={{ danger: true }}
          cancelText={t('shell:cancel')}
          onConfirm={() => revoke.mutate(token.id, { onError })}
        >
          <Button danger loading={revoke.isPending}>
            {t('account:revoke')}
          </Button>
        </Popconfirm>
      </span>
    </li>
  );
}
