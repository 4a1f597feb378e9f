import { useTranslation } from 'react-i18next';
import { Failure, Loading } from '../layout/states.tsx';
import { ClassRow } from './class-row.tsx';
import { DeletionList } from './deletion-list.tsx';
import styles from './retention-page.module.css';
import { useRetention } from './use-retention.ts';

/** 数据保存: how long each class of data is kept and why, and the proof that the rest is gone. */
export function RetentionPage() {
  const { t } = useTranslation('retention');
  const { data: classes, error, refetch } = useRetention();
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <p className={styles.quiet}>{t('hint')}</p>
      </header>
      {classes === undefined && error === null && <Loading rows={8} />}
      {classes === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {classes !== undefined && (
        <ul className={styles.list}>
          {classes.map((each) => (
            <ClassRow key={each.class} view={each} />
          ))}
        </ul>
      )}
      <DeletionList />
    </div>
  );
}
