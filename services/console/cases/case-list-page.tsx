import { DownloadOutlined, FileSearchOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router-dom';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { NARROW, useMedia } from '../layout/use-media.ts';
import { useAllowed } from '../session/session-context.ts';
import { CaseCards } from './case-cards.tsx';
import { type CaseFilter, caseFilterFrom, exportPathOf, parametersOf } from './case-filter.ts';
import { CaseFilters } from './case-filters.tsx';
import styles from './case-list-page.module.css';
import { CaseTable } from './case-table.tsx';
import { useCases } from './use-cases.ts';

/** 案件: what has to be done, what is due first on top. */
export function CaseListPage() {
  const { t } = useTranslation(['cases', 'shell']);
  const mayReport = useAllowed('reportCases');
  const mayReview = useAllowed('reviewCases');
  const [parameters, setParameters] = useSearchParams();
  const filter = caseFilterFrom(parameters);
  const choose = (next: CaseFilter): void => setParameters(parametersOf(next), { replace: true });
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useCases(filter);
  const isNarrow = useMedia(NARROW);
  const cases = data?.pages.flatMap(({ items }) => items);
  const isFiltered = parametersOf(filter).size > 0;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('cases:title')}</h1>
        {cases !== undefined && <span className={styles.count}>{t('cases:count', { count: cases.length })}</span>}
        {mayReport && (
          <Link to="/cases/new">
            <Button icon={<PlusOutlined />}>{t('cases:newCase')}</Button>
          </Link>
        )}
        {mayReview && (
          <Button icon={<DownloadOutlined />} href={exportPathOf(filter)} download>
            {t('cases:export')}
          </Button>
        )}
        <CaseFilters filter={filter} onChange={choose} />
      </header>
      {cases === undefined ? (
        error === null ? (
          <Loading rows={8} />
        ) : (
          <Failure error={error} onRetry={() => void refetch()} />
        )
      ) : cases.length === 0 ? (
        <Notice
          icon={<FileSearchOutlined />}
          title={t('cases:empty.title')}
          hint={isFiltered ? t('cases:empty.hint') : undefined}
        >
          {isFiltered && <Button onClick={() => setParameters({}, { replace: true })}>{t('cases:empty.reset')}</Button>}
        </Notice>
      ) : isNarrow ? (
        <CaseCards cases={cases} />
      ) : (
        <CaseTable cases={cases} />
      )}
      {hasNextPage && (
        <Button className={styles.more ?? ''} loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('shell:more')}
        </Button>
      )}
    </div>
  );
}
