import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button } from 'antd';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useFeedState } from '../feed/use-feed-state.ts';
import { useCodeText } from '../i18n/use-code-text.ts';
import { useSession } from '../session/session-context.ts';
import styles from './offline-banner.module.css';
import { sendWork } from './offline-sender.ts';
import { dropWork, listWork, type OfflineWork, subscribeWork } from './offline-work.ts';

const TRY_EVERY_MS = 15_000;

/** Sends what was done without signal as soon as there is some, and says what still waits or was refused. */
export function OfflineBanner() {
  const { t } = useTranslation('cases');
  const { client } = useHub();
  const { account } = useSession();
  const { message } = App.useApp();
  const { phase } = useFeedState();
  const queryClient = useQueryClient();
  const all = useSyncExternalStore(subscribeWork, listWork);
  const mine = all.filter((work) => work.account === account.name);
  const waiting = mine.filter(({ refused }) => refused === undefined).length;

  useEffect(() => {
    if (waiting === 0) return;
    let isBusy = false;
    const send = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      const own = listWork().filter((work) => work.account === account.name);
      const sent = await sendWork(client, own).finally(() => {
        isBusy = false;
      });
      if (sent === 0) return;
      message.success(t('offlineSent', { count: sent }));
      void queryClient.invalidateQueries({ queryKey: keys.caseLists });
    };
    if (phase === 'live') void send();
    const timer = setInterval(() => void send(), TRY_EVERY_MS);
    window.addEventListener('online', send);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', send);
    };
  }, [waiting, phase, account.name, client, message, queryClient, t]);

  if (mine.length === 0) return null;
  return (
    <div className={styles.banner}>
      {waiting > 0 && <Alert type="info" showIcon role="status" title={t('offlineWaits', { count: waiting })} />}
      {mine.map((work) => work.refused !== undefined && <Refused key={work.id} work={work} code={work.refused} />)}
    </div>
  );
}

function Refused({ work, code }: { readonly work: OfflineWork; readonly code: string }) {
  const { t } = useTranslation('cases');
  const codeText = useCodeText();
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t('offlineRefused', { title: work.title })}
      description={codeText(code)}
      action={<Button onClick={() => dropWork(work.id)}>{t('offlineDrop')}</Button>}
    />
  );
}
