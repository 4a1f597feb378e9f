import type { OwnSession } from '@dipper/contract/api/session';
import { App, Button, Popconfirm, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Failure, Loading } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import styles from './account-page.module.css';
import { deviceName } from './device-name.ts';
import { useEndAllSessions, useEndSession, useOwnSessions } from './use-own-access.ts';

/** Where one is signed in, and how to end it: here, there, or everywhere. */
export function SessionList() {
  const { t } = useTranslation(['account', 'shell']);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const { data: sessions, error, refetch } = useOwnSessions();
  const endAll = useEndAllSessions();
  return (
    <section className={styles.section} aria-labelledby="account-sessions">
      <div className={styles.line}>
        <h2 id="account-sessions">{t('account:sessions')}</h2>
        <Popconfirm
          title={t('account:endAllTitle')}
          description={t('account:endAllHint')}
          okText={t('account:endAll')}
          okButtonProps={{ danger: true }}
          cancelText={t('shell:cancel')}
          onConfirm={() => endAll.mutate(undefined, { onError: (each) => message.error(errorText(each).text) })}
        >
          <Button danger loading={endAll.isPending}>
            {t('account:endAll')}
          </Button>
        </Popconfirm>
      </div>
      {sessions === undefined && error === null && <Loading rows={2} />}
      {sessions === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {sessions !== undefined && (
        <ul className={styles.list}>
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
    </section>
  );
}

function SessionRow({ session }: { readonly session: OwnSession }) {
  const { t } = useTranslation(['account', 'shell']);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const end = useEndSession();
  const device = deviceName(session.userAgent) ?? t('account:unknownDevice');
  return (
    <li className={styles.row}>
      <span className={styles.who}>
        <span className={styles.name} title={session.userAgent ?? ''}>
          {device} {session.isCurrent && <Tag color="green">{t('account:thisOne')}</Tag>}
        </span>
        <span className={styles.quiet}>{session.address}</span>
      </span>
      <span className={styles.quiet}>
        {t('account:lastSeen')} <Moment at={session.lastSeenAt ?? session.createdAt} as="relative" />
        {' · '}
        {t('account:until')} <Moment at={session.expiresAt} as="absolute" />
      </span>
      {!session.isCurrent && (
        <span className={styles.actions}>
          <Popconfirm
            title={t('account:endTitle', { device })}
            description={t('account:endHint')}
            okText={t('account:end')}
            okButtonProps={{ danger: true }}
            cancelText={t('shell:cancel')}
            onConfirm={() => end.mutate(session.id, { onError: (each) => message.error(errorText(each).text) })}
          >
            <Button danger loading={end.isPending}>
              {t('account:end')}
            </Button>
          </Popconfirm>
        </span>
      )}
    </li>
  );
}
