import type { CaseFigure, CaseFigures } from '@dipper/contract/api/case-figures';
import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import styles from './case-figures-page.module.css';

const DAY_MS = 24 * 3_600_000;
const SPANS_DAYS = [7, 30, 90, 365] as const;
const COLUMNS = ['opened', 'closed', 'onTime', 'late', 'overdue', 'returned', 'rejected', 'reopened'] as const;

/** How cases were dealt with, by grid and platform. */
export function CaseFiguresPage() {
  const { t } = useTranslation('cases');
  const { client, clock } = useHub();
  const [days, setDays] = useState<(typeof SPANS_DAYS)[number]>(30);
  const { from, until } = useMemo(() => {
    // Whole hours: the same question for everybody who asks within one.
    const untilMs = Math.ceil(clock.nowMs() / 3_600_000) * 3_600_000;
    return { from: new Date(untilMs - days * DAY_MS).toISOString(), until: new Date(untilMs).toISOString() };
  }, [clock, days]);
  const { data, error, refetch } = useQuery({
    queryKey: keys.caseFigures(from, until),
    queryFn: ({ signal }) =>
      client.get<CaseFigures>(`/api/v1/cases/figures?${new URLSearchParams({ from, until })}`, signal),
    staleTime: 60_000,
  });
  return (
    <article className={styles.page} aria-labelledby="case-figures-title">
      <header className={styles.head}>
        <h1 id="case-figures-title">{t('figures.title')}</h1>
        <Segmented
          aria-label={t('figures.span')}
          value={days}
          options={SPANS_DAYS.map((value) => ({ value, label: t('days', { count: value }) }))}
          onChange={setDays}
        />
      </header>
      {data === undefined ? (
        error === null ? (
          <Loading rows={8} />
        ) : (
          <Failure error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <Notice title={t('figures.empty')} />
      ) : (
        <FigureTable figures={data.items} />
      )}
      <p className={styles.hint}>{t('figures.hint')}</p>
    </article>
  );
}

function FigureTable({ figures }: { readonly figures: readonly CaseFigure[] }) {
  const { t } = useTranslation('cases');
  const localText = useLocalText();
  const places = usePlaces();
  const gridNameOf = (id: string | null): string => {
    const name = places.all.find(({ grid }) => grid !== null && grid === id)?.gridName;
    return name == null ? (id ?? t('figures.noGrid')) : localText(name);
  };
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('grid')}</th>
            <th scope="col">{t('platform')}</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className={styles.number}>
                {t(`figures.${column}`)}
              </th>
            ))}
            <th scope="col" className={styles.number}>
              {t('satisfactionLabel')}
            </th>
          </tr>
        </thead>
        <tbody>
          {figures.map((figure) => (
            <tr key={`${figure.grid} ${figure.platform}`}>
              <th scope="row">{gridNameOf(figure.grid)}</th>
              <td>{t(`platforms.${figure.platform}`)}</td>
              {COLUMNS.map((column) => (
                <td key={column} className={styles.number} data-bad={isBad(column) && figure[column] > 0}>
                  {figure[column]}
                </td>
              ))}
              <td className={styles.number}>
                {figure.satisfied} / {figure.neutral} / {figure.dissatisfied}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isBad(column: (typeof COLUMNS)[number]): boolean {
  return column === 'late' || column === 'overdue' || column === 'rejected';
}
