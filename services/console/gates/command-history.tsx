import type { DeviceCommand } from '@dipper/contract/api/device-command';
import type { Page } from '@dipper/contract/api/page';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useCodeText } from '../i18n/use-code-text.ts';
import { Failure, Loading } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import styles from './gates.module.css';

const PAGE_ITEMS = 20;

/** Who told a device what, why, and what came of it, newest first. */
export function CommandHistory({ device }: { readonly device: string }) {
  const { t } = useTranslation('gates');
  const { client } = useHub();
  const history = useInfiniteQuery({
    queryKey: keys.deviceCommands(device),
    queryFn: ({ pageParam, signal }) =>
      client.get<Page<DeviceCommand>>(
        `/api/v1/devices/${encodeURIComponent(device)}/commands?limit=${PAGE_ITEMS}${pageParam}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) =>
      nextCursor === null ? undefined : `&cursor=${encodeURIComponent(nextCursor)}`,
  });
  const commands = history.data?.pages.flatMap(({ items }) => items);
  return (
    <section className={styles.history} aria-labelledby="history-title">
      <h2 id="history-title">{t('history')}</h2>
      {commands === undefined ? (
        history.error === null ? (
          <Loading rows={3} />
        ) : (
          <Failure error={history.error} onRetry={() => void history.refetch()} />
        )
      ) : commands.length === 0 ? (
        <p className={styles.since}>{t('noHistory')}</p>
      ) : (
        <ol>
          {commands.map((command) => (
            <CommandLine key={command.id} command={command} />
          ))}
        </ol>
      )}
      {history.hasNextPage && (
        <Button loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {t('earlier')}
        </Button>
      )}
    </section>
  );
}

function CommandLine({ command }: { readonly command: DeviceCommand }) {
  const { t } = useTranslation(['gates', 'devices']);
  const codeText = useCodeText();
  const { action, preset, reason, requestedBy, requestedAt, outcome, code, door } = command;
  return (
    <li className={styles.line} data-outcome={outcome}>
      <span className={styles.lineWhat}>
        {t(`gates:action.${action}`)}
        {preset !== null && ` · ${preset}`}
      </span>
      <span className={styles.lineOutcome}>
        {t(`gates:outcome.${outcome}`)}
        {door !== null && ` · ${t('gates:seen', { position: t(`devices:position.${door.position}`) })}`}
      </span>
      <span className={styles.lineWho}>
        {requestedBy} · <Moment at={requestedAt} as="absolute" />
      </span>
      {reason !== null && <span className={styles.lineWhy}>{reason}</span>}
      {code !== null && <span className={styles.lineWhy}>{codeText(code)}</span>}
    </li>
  );
}
