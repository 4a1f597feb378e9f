import type { WebhookView } from '@dipper/contract/api/webhook';
import { App, Button, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Moment } from '../time/moment.tsx';
import styles from './integrations-page.module.css';
import { useChangeWebhook, useRemoveWebhook, useRotateSecret, useTestWebhook } from './use-webhooks.ts';

interface WebhookRowProps {
  readonly webhook: WebhookView;
  readonly onEdit: () => void;
  readonly onShowDeliveries: () => void;
  readonly onSecret: (secret: string) => void;
}

/** One webhook: where it goes, how it fares, and what can be done with it. */
export function WebhookRow({ webhook, onEdit, onShowDeliveries, onSecret }: WebhookRowProps) {
  const { t } = useTranslation(['integrations', 'shell']);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const change = useChangeWebhook();
  const remove = useRemoveWebhook();
  const rotate = useRotateSecret();
  const test = useTestWebhook();
  const isActive = webhook.disabledAt === null;
  const onError = (error: unknown): void => void message.error(errorText(error).text);
  const sendTest = (): void =>
    test.mutate(webhook.id, {
      onError,
      onSuccess: ({ status, httpStatus, outcome }) => {
        if (status === 'delivered') message.success(t('integrations:testDelivered', { status: httpStatus ?? 0 }));
        else message.error(t('integrations:testFailed', { outcome: outcome ?? '' }));
      },
    });
  return (
    <li className={styles.row} data-active={isActive}>
      <span className={styles.who}>
        <span className={styles.name}>{webhook.name}</span>
        <span className={styles.quiet}>{webhook.url}</span>
        <span className={styles.quiet}>
          {t(`integrations:formats.${webhook.format}`)} ·{' '}
          {webhook.types.map((type) => t(`integrations:type.${type}`)).join(' · ')}
        </span>
      </span>
      <Standing webhook={webhook} />
      <span className={styles.actions}>
        <Button onClick={sendTest} loading={test.isPending}>
          {t('integrations:test')}
        </Button>
        <Button onClick={onShowDeliveries}>{t('integrations:deliveries')}</Button>
        <Button onClick={onEdit}>{t('integrations:change')}</Button>
        {webhook.format === 'standard' && (
          <Popconfirm
            title={t('integrations:rotateTitle')}
            description={t('integrations:rotateHint')}
            okText={t('integrations:rotate')}
            cancelText={t('shell:cancel')}
            onConfirm={() => rotate.mutate(webhook.id, { onError, onSuccess: ({ secret }) => onSecret(secret) })}
          >
            <Button loading={rotate.isPending}>{t('integrations:rotate')}</Button>
          </Popconfirm>
        )}
        <Button
          loading={change.isPending}
          type={isActive ? 'default' : 'primary'}
          onClick={() => change.mutate({ id: webhook.id, change: { active: !isActive } }, { onError })}
        >
          {isActive ? t('integrations:disable') : t('integrations:enable')}
        </Button>
        <Popconfirm
          title={t('integrations:removeTitle', { name: webhook.name })}
          description={t('integrations:removeHint')}
          okText={t('integrations:remove')}
          okButtonProps={{ danger: true }}
          cancelText={t('shell:cancel')}
          onConfirm={() => remove.mutate(webhook.id, { onError })}
        >
          <Button danger loading={remove.isPending}>
            {t('integrations:remove')}
          </Button>
        </Popconfirm>
      </span>
    </li>
  );
}

function Standing({ webhook }: { readonly webhook: WebhookView }) {
  const { t } = useTranslation('integrations');
  const { disabledReason, failingSince, lastDeliveredAt, gapAt, pending } = webhook;
  const tone = disabledReason === 'failing' || disabledReason === 'gone' || failingSince !== null ? 'bad' : 'good';
  return (
    <span className={styles.standing} data-tone={disabledReason === 'by-hand' ? 'off' : tone}>
      <strong>
        {disabledReason !== null && t(`disabled.${disabledReason}`)}
        {disabledReason === null && failingSince === null && t('working')}
        {disabledReason === null && failingSince !== null && (
          <>
            {t('failing')} <Moment at={failingSince} as="relative" />
          </>
        )}
      </strong>
      <span className={styles.quiet}>
        {lastDeliveredAt === null ? (
          t('never')
        ) : (
          <>
            {t('lastDelivered')} <Moment at={lastDeliveredAt} as="relative" />
          </>
        )}
        {pending > 0 && ` · ${t('pending', { count: pending })}`}
      </span>
      {gapAt !== null && (
        <span className={styles.quiet}>
          {t('gap')} <Moment at={gapAt} as="absolute" />
        </span>
      )}
    </span>
  );
}
