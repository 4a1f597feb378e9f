import type { Alarm } from '@dipper/contract/api/alarm';
import type { OutOfService } from '@dipper/contract/api/out-of-service';
import type { Shelf } from '@dipper/contract/api/shelf';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Drawer } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PriorityMark } from '../alarms/priority-mark.tsx';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useDecide } from '../decisions/use-decide.tsx';
import { usePlaces } from '../devices/use-places.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { useNow } from '../time/use-now.ts';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './silences-drawer.module.css';

/** What is not announced: who decided so and why, until when, how much it silences, and the way back. */
export function SilencesDrawer({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('operator');
  return (
    <Drawer open title={t('standing.title')} onClose={onClose} placement="left" size={480}>
      <Silences />
    </Drawer>
  );
}

function useSilences() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.silences,
    queryFn: async ({ signal }) => {
      const [shelves, entries, suppressed] = await Promise.all([
        listEverything<Shelf>(client, '/api/v1/alarm-shelves?ended=false', signal),
        listEverything<OutOfService>(client, '/api/v1/out-of-service?ended=false', signal),
        listEverything<Alarm>(client, '/api/v1/alarms?suppressed=true&active=true', signal),
      ]);
      return { shelves, entries, suppressed };
    },
  });
}

function Silences() {
  const { t } = useTranslation('operator');
  const { client } = useHub();
  const localText = useLocalText();
  const places = usePlaces();
  const errorText = useErrorText();
  const { data, error, refetch } = useSilences();
  const decide = useDecide();
  const mayShelve = useAllowed('shelve');
  const mayReturn = useAllowed('takeOutOfService');
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const { shelves, entries, suppressed } = data;
  if (shelves.length + entries.length + suppressed.length === 0) return <Notice title={t('standing.none')} />;
  const end = (path: string, text: string) => (): void =>
    decide.mutate(async () => {
      await client.send('POST', `${path}/end`, {});
      return { text };
    });
  return (
    <>
      {decide.error !== null && <Alert type="error" showIcon role="alert" title={errorText(decide.error).text} />}
      <Group title={t('standing.shelves')} isEmpty={shelves.length === 0}>
        {shelves.map((shelf) => (
          <Entry
            key={shelf.id}
            title={localText(shelf.title)}
            where={places.whereOf(shelf)}
            reason={shelf.reason}
            by={shelf.shelvedByName ?? shelf.shelvedBy}
            at={shelf.shelvedAt}
            until={shelf.until}
            silenced={shelf.silenced}
            action={t('standing.unshelve')}
            onEnd={mayShelve ? end(`/api/v1/alarm-shelves/${shelf.id}`, t('unshelved')) : undefined}
          />
        ))}
      </Group>
      <Group title={t('standing.entries')} isEmpty={entries.length === 0}>
        {entries.map((entry) => (
          <Entry
            key={entry.id}
            title={entry.deviceName === null ? (entry.device ?? entry.rule ?? '') : localText(entry.deviceName)}
            where={places.whereOf(entry)}
            reason={entry.reason}
            by={entry.startedByName ?? entry.startedBy}
            at={entry.startedAt}
            until={entry.until}
            silenced={entry.silenced}
            action={t('standing.return')}
            onEnd={mayReturn ? end(`/api/v1/out-of-service/${entry.id}`, t('returned')) : undefined}
          />
        ))}
      </Group>
      <Group title={t('standing.suppressedList')} isEmpty={suppressed.length === 0}>
        {suppressed.map((alarm) => (
          <li key={alarm.id} className={styles.entry}>
            <p className={styles.name}>
              <PriorityMark priority={alarm.priority} isShort /> {localText(alarm.title)}
            </p>
            <p className={styles.quiet}>{places.whereOf(alarm)}</p>
          </li>
        ))}
      </Group>
    </>
  );
}

function Group(props: { readonly title: string; readonly isEmpty: boolean; readonly children: ReactNode }) {
  if (props.isEmpty) return null;
  return (
    <section className={styles.group}>
      <h3>{props.title}</h3>
      <ul>{props.children}</ul>
    </section>
  );
}

interface EntryProps {
  readonly title: string;
  readonly where: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly until: string | null;
  readonly silenced: number;
  readonly action: string;
  readonly onEnd: (() => void) | undefined;
}

function Entry({ title, where, reason, by, at, until, silenced, action, onEnd }: EntryProps) {
  const { t } = useTranslation('operator');
  const nowMs = useNow(60_000);
  const formats = useTimeFormats();
  const timeOf = (instant: string): string => formats.full(Date.parse(instant), nowMs);
  return (
    <li className={styles.entry}>
      <p className={styles.name}>{title}</p>
      <p className={styles.quiet}>{where}</p>
      <p className={styles.reason}>{reason}</p>
      <p className={styles.quiet}>
        {t('standing.by', { name: by, time: timeOf(at) })} ·{' '}
        {until === null ? t('standing.openEnded') : t('standing.until', { time: timeOf(until) })} ·{' '}
        {t('standing.silences', { count: silenced })}
      </p>
      {onEnd !== undefined && <Button onClick={onEnd}>{action}</Button>}
    </li>
  );
}
