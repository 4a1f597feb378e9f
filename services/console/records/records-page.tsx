import { ReloadOutlined, SwapOutlined } from '@ant-design/icons';
import { Button, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router-dom';
import { useDevices } from '../devices/use-devices.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { RecordRow } from './record-row.tsx';
import styles from './records.module.css';
import { RECORD_SPANS, type RecordSpan, useAccessRecords } from './use-access-records.ts';

const OUTCOMES = ['denied', 'granted', 'all'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** 通行记录: who was refused at a gate and why, and what came of those who were let through. */
export function RecordsPage() {
  const { t } = useTranslation('records');
  const localText = useLocalText();
  const [search, setSearch] = useSearchParams();
  const { data: devices } = useDevices();
  const gates = (devices ?? []).filter(({ kind }) => kind === 'gate');
  const outcome = oneOf(OUTCOMES, search.get('outcome'));
  const span = oneOf(Object.keys(RECORD_SPANS) as RecordSpan[], search.get('span'));
  const device = search.get('gate') ?? undefined;
  const records = useAccessRecords({ outcome: outcome === 'all' ? undefined : outcome, device, span });
  const found = records.data?.pages.flatMap(({ items }) => items);
  const choose = (name: string, value: string | undefined): void => {
    const next = new URLSearchParams(search);
    if (value === undefined) next.delete(name);
    else next.set(name, value);
    setSearch(next, { replace: true });
  };
  const gateName = (id: string | null): string | undefined => {
    const gate = gates.find((each) => each.id === id);
    return gate === undefined ? (id ?? undefined) : localText(gate.name);
  };
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <p className={styles.quiet}>{t('hint')}</p>
        <Button icon={<ReloadOutlined />} loading={records.isFetching} onClick={() => void records.refetch()}>
          {t('refresh')}
        </Button>
      </header>
      <div className={styles.filters}>
        <Segmented<Outcome>
          aria-label={t('outcomeFilter')}
          value={outcome}
          onChange={(value) => choose('outcome', value)}
          options={OUTCOMES.map((value) => ({ value, label: t(`outcome.${value}`) }))}
        />
        <Select<string>
          className={styles.gate ?? ''}
          aria-label={t('gate')}
          allowClear
          value={device ?? null}
          placeholder={t('allGates')}
          onChange={(value: string | undefined) => choose('gate', value)}
          options={gates.map(({ id, name }) => ({ value: id, label: localText(name) }))}
        />
        <Select<RecordSpan>
          aria-label={t('span')}
          value={span}
          onChange={(value) => choose('span', value)}
          options={(Object.keys(RECORD_SPANS) as RecordSpan[]).map((value) => ({
            value,
            label: t(`spans.${value}`),
          }))}
        />
      </div>
      {found === undefined && records.error === null && <Loading rows={8} />}
      {found === undefined && records.error !== null && (
        <Failure error={records.error} onRetry={() => void records.refetch()} />
      )}
      {found?.length === 0 && (
        <Notice title={t(outcome === 'denied' ? 'noneDenied' : 'none')} hint={t('noneHint')} icon={<SwapOutlined />} />
      )}
      {found !== undefined && found.length > 0 && (
        <ul className={styles.list}>
          {found.map((record) => (
            <RecordRow
              key={record.id}
              record={record}
              gateName={device === undefined ? gateName(record.device) : undefined}
            />
          ))}
        </ul>
      )}
      {records.hasNextPage && (
        <p className={styles.more}>
          <Button loading={records.isFetchingNextPage} onClick={() => void records.fetchNextPage()}>
            {t('more')}
          </Button>
        </p>
      )}
    </div>
  );
}

/** The choice that an address names, or the first. */
function oneOf<const T extends string>(choices: readonly T[], named: string | null): T {
  return choices.find((choice) => choice === named) ?? (choices[0] as T);
}
