import { UserOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { App, Button, Dropdown, type MenuProps } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { SecondFactorDialog } from '../session/second-factor-dialog.tsx';
import { useSession } from '../session/session-context.ts';
import { APPEARANCE_CHOICES, type AppearanceControl } from './appearance.ts';
import styles from './shell.module.css';

/** Who is signed in, how the page looks, and the way out. */
export function UserMenu({ appearance }: { readonly appearance: AppearanceControl }) {
  const { t } = useTranslation(['shell', 'account', 'session']);
  const [showsFactor, setShowsFactor] = useState(false);
  const { account } = useSession();
  const { client, onSignedOut } = useHub();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const signOut = useMutation({
    mutationFn: () => client.send('DELETE', '/api/v1/sessions/current'),
    onError: (error) => {
      // Already gone is as good.
      if (!isHubError(error, 'NOT_SIGNED_IN')) message.error(errorText(error).text);
    },
    onSuccess: onSignedOut,
  });
  const items: MenuProps['items'] = [
    {
      key: 'who',
      type: 'group',
      label: `${account.displayName} · ${account.roles.map((role) => t(`roles.${role}`)).join(' / ')}`,
    },
    { type: 'divider' },
    {
      key: 'appearance',
      type: 'group',
      label: t('theme.label'),
      children: APPEARANCE_CHOICES.map((choice) => ({
        key: choice,
        label: `${appearance.choice === choice ? '✓ ' : '　'}${t(`theme.${choice}`)}`,
        onClick: () => appearance.choose(choice),
      })),
    },
    { type: 'divider' },
    { key: 'zone', type: 'group', label: t('zoneHint') },
    { key: 'account', label: <Link to="/account">{t('account:open')}</Link> },
    { key: 'factor', label: t('session:factor.open'), onClick: () => setShowsFactor(true) },
    { key: 'sign-out', label: t('signOut'), onClick: () => signOut.mutate() },
  ];
  return (
    <>
      {showsFactor && <SecondFactorDialog onClose={() => setShowsFactor(false)} />}
      <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
        <Button type="text" icon={<UserOutlined />} aria-label={`${t('user')} ${account.displayName}`}>
          <span className={styles.userName}>{account.displayName}</span>
        </Button>
      </Dropdown>
    </>
  );
}
