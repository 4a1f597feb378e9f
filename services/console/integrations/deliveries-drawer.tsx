import type { DeliveryView, WebhookView } from '@dipper/contract/api/webhook';
import { Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { Failure, Loading } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import styles from './integrations-page.module.css';
import { useDeliveries } from './use-webhooks.ts';

interface DeliveriesDrawerProps {
  readonly webhook: WebhookView;
  readonly onClose: () => void;
}

/** What was sent to a webhook, newest first, and how it ended. */
export function DeliveriesDrawer({ webhook, onClose }: DeliveriesDrawerProps) {
  const { t } = useTranslation('integrations');
  const { data: deliveries, error, refetch } = useDeliveries(webhook.id);
  const isEmpty = deliveries?.length === 0;
  return (
    <Drawer open title={t('deliveriesOf', { name: webhook.name })} onClose={onClose} size={560}>
      {deliveries === undefined &&
        (error === null ? <Loading rows={6} /> : <Failure error={error} onRetry={() => void refetch()} />)}
      {isEmpty && <p className={styles.quiet}>{t('noDeliveries')}</p>}
      <ul className={styles.deliveries}>
        {deliveries?.map((delivery) => (
          <DeliveryLine key={delivery.id} delivery={delivery} />
        ))}
      </ul>
    </Drawer>
  );
}

function DeliveryLine({ delivery }: { readonly delivery: DeliveryView }) {
  const { t } = useTranslation('integrations');
  const { type, status, outcome, attempts, nextAttemptAt, sha256, createdAt } = delivery;
  const isKnown = (name: string): name is 'webhook.test' => t(`type.${name as 'webhook.test'}`) !== `type.${name}`;
  return (
    <li data-status={status}>
      <span className={styles.deliveryHead}>
        <strong>{isKnown(type) ? t(`type.${type}`) : type}</strong>
        <span className={styles.status}>
          {t(`status.${status}`)}
          {outcome === null || outcome === 'DELIVERED' ? '' : ` · ${outcome}`}
        </span>
      </span>
      <span className={styles.quiet}>
        <Moment at={createdAt} /> · {t('attempts', { count: attempts })}
        {nextAttemptAt !== null && (
          <>
            {' · '}
            {t('next')} <Moment at={nextAttemptAt} as="relative" />
          </>
        )}
      </span>
      <code className={styles.hash} title={t('hash')}>
        {sha256}
      </code>
    </li>
  );
}
