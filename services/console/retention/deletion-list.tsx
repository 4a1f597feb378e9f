import { SafetyCertificateOutlined } from '@ant-design/icons';
import type { DeletionView } from '@dipper/contract/api/retention';
import { Button, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import styles from './retention-page.module.css';
import { useDeletions } from './use-retention.ts';

/** What is gone, and what proves it. */
export function DeletionList() {
  const { t } = useTranslation(['retention', 'shell']);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useDeletions();
  const deletions = data?.pages.flatMap(({ items }) => items);
  return (
    <section className={styles.deletions}>
      <h2>{t('retention:deletions')}</h2>
      {deletions === undefined && error === null && <Loading rows={4} />}
      {deletions === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {deletions?.length === 0 && (
        <Notice
          title={t('retention:noDeletions')}
          hint={t('retention:noDeletionsHint')}
          icon={<SafetyCertificateOutlined />}
        />
      )}
      {deletions !== undefined && deletions.length > 0 && (
        <ul className={styles.list}>
          {deletions.map((deletion) => (
            <DeletionRow key={deletion.id} deletion={deletion} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className={styles.more ?? ''} loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('shell:more')}
        </Button>
      )}
    </section>
  );
}

function DeletionRow({ deletion }: { readonly deletion: DeletionView }) {
  const { t } = useTranslation('retention');
  const language = useLanguage();
  const { sha256, subject } = deletion;
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <span className={styles.name}>
          {t(`classes.${deletion.class}`)}
          {subject.startsWith('event_count_') && <span className={styles.quiet}> {t('counts')}</span>}
        </span>
        <span className={styles.quiet}>{deletion.reason[language]}</span>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>{t('rows')}</dt>
          <dd>{t('rowCount', { count: deletion.rows })}</dd>
        </div>
        <div className={styles.range}>
          <dt>{t('range')}</dt>
          <dd>
            <Moment at={deletion.from} as="absolute" /> – <Moment at={deletion.until} as="absolute" />
          </dd>
        </div>
        <div>
          <dt>{t('deletedAt')}</dt>
          <dd>
            <Moment at={deletion.at} as="absolute" />
          </dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd>
            <Typography.Text code copyable={{ text: sha256, tooltips: [t('copy'), t('copied')] }}>
              {sha256.slice(0, 12)}…
            </Typography.Text>
          </dd>
        </div>
      </dl>
    </li>
  );
}
