import { ApiOutlined } from '@ant-design/icons';
import type { WebhookView } from '@dipper/contract/api/webhook';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SecretDialog } from '../layout/secret-dialog.tsx';
import { Failure, Loading } from '../layout/states.tsx';
import { DeliveriesDrawer } from './deliveries-drawer.tsx';
import styles from './integrations-page.module.css';
import { useWebhooks } from './use-webhooks.ts';
import { WebhookDialog } from './webhook-dialog.tsx';
import { WebhookRow } from './webhook-row.tsx';

/** 集成: which other systems and chats are told what, and whether it reaches them. */
export function IntegrationsPage() {
  const { t } = useTranslation('integrations');
  const { data: webhooks, error, refetch } = useWebhooks();
  const [edited, setEdited] = useState<WebhookView | 'new'>();
  const [shown, setShown] = useState<WebhookView>();
  const [secret, setSecret] = useState<{ readonly name: string; readonly secret: string }>();
  if (webhooks === undefined) {
    return error === null ? <Loading rows={6} /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <span className={styles.quiet}>{t('count', { count: webhooks.length })}</span>
        <Button className={styles.create ?? ''} type="primary" icon={<ApiOutlined />} onClick={() => setEdited('new')}>
          {t('create')}
        </Button>
      </header>
      {webhooks.length === 0 && (
        <div className={styles.empty}>
          <p>{t('empty')}</p>
          <p className={styles.quiet}>{t('emptyHint')}</p>
        </div>
      )}
      {webhooks.length > 0 && (
        <ul className={styles.list}>
          {webhooks.map((webhook) => (
            <WebhookRow
              key={webhook.id}
              webhook={webhook}
              onEdit={() => setEdited(webhook)}
              onShowDeliveries={() => setShown(webhook)}
              onSecret={(made) => setSecret({ name: webhook.name, secret: made })}
            />
          ))}
        </ul>
      )}
      {edited !== undefined && (
        <WebhookDialog
          webhook={edited === 'new' ? undefined : edited}
          onCreated={({ webhook, secret: made }) => {
            setEdited(undefined);
            if (made !== null) setSecret({ name: webhook.name, secret: made });
          }}
          onClose={() => setEdited(undefined)}
        />
      )}
      {shown !== undefined && <DeliveriesDrawer webhook={shown} onClose={() => setShown(undefined)} />}
      {secret !== undefined && (
        <SecretDialog
          title={t('secretTitle', { name: secret.name })}
          hint={t('secretHint')}
          secret={secret.secret}
          onClose={() => setSecret(undefined)}
        />
      )}
    </div>
  );
}
