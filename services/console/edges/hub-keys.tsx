import type { HubKeyView } from '@dipper/contract/api/hub-key';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Failure, Loading } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import { SHORT_KEY_CHARACTERS } from './edge-row.tsx';
import styles from './edges-page.module.css';
import { type Edge, useHubKeys, useReplaceKey } from './use-edges.ts';

/** The keys with which the hub signs, and how far a next one has come. */
export function HubKeys({ edges }: { readonly edges: readonly Edge[] }) {
  const { t } = useTranslation('edges');
  const { data: keys, error, refetch } = useHubKeys();
  return (
    <section className={styles.hubKeys}>
      <header className={styles.head}>
        <h2>{t('hubKeys')}</h2>
        <p className={styles.quiet}>{t('hubKeysHint')}</p>
        {keys !== undefined && <Replace keys={keys} edges={edges} />}
      </header>
      {keys === undefined && error === null && <Loading rows={3} />}
      {keys === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {keys !== undefined && (
        <ul className={styles.list}>
          {keys.map((key) => (
            <li key={key.id} className={styles.row} data-key={key.state}>
              <code title={key.id}>{key.id.slice(0, SHORT_KEY_CHARACTERS)}</code>
              <span>
                <strong>{t(`hubKeyState.${key.state}`)}</strong> <Moment at={instantOf(key)} as="absolute" />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Begins to replace the key, or ends the waiting for agents that have not learnt the next. */
function Replace({ keys, edges }: { readonly keys: readonly HubKeyView[]; readonly edges: readonly Edge[] }) {
  const { t } = useTranslation(['edges', 'shell']);
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const replace = useReplaceKey();
  const next = keys.find(({ state }) => state === 'next');
  // Those that the hub waits for.
  const spoken = edges.filter(({ agent }) => agent != null && agent.seenAt !== null);
  const waiting = next === undefined ? [] : spoken.filter(({ agent }) => agent?.hubKeys?.includes(next.id) !== true);
  const ask = (): void => {
    modal.confirm({
      title: next === undefined ? t('edges:replaceTitle') : t('edges:activateTitle'),
      content:
        next === undefined
          ? t('edges:replaceHint')
          : t('edges:activateHint', { count: waiting.length, names: waiting.map(({ id }) => id).join(', ') }),
      okText: next === undefined ? t('edges:replace') : t('edges:activate'),
      okButtonProps: { danger: waiting.length > 0 },
      cancelText: t('shell:cancel'),
      onOk: () => replace.mutateAsync(next?.id).catch((error: unknown) => void message.error(errorText(error).text)),
    });
  };
  return (
    <div className={styles.replace}>
      {next !== undefined && (
        <span role="status">
          {t('edges:learning', { count: spoken.length - waiting.length, total: spoken.length })}
        </span>
      )}
      <Button onClick={ask} loading={replace.isPending}>
        {next === undefined ? t('edges:replace') : t('edges:activate')}
      </Button>
    </div>
  );
}

/** Since when a key is what it is. */
function instantOf({ madeAt, currentAt, retiredAt }: HubKeyView): string {
  return retiredAt ?? currentAt ?? madeAt;
}
