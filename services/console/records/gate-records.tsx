import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { Failure, Loading } from '../layout/states.tsx';
import { RecordRow } from './record-row.tsx';
import styles from './records.module.css';
import { useAccessRecords } from './use-access-records.ts';

/** As many as are looked at beside a gate. */
const SHOWN = 5;

/** The latest requests at one gate: who, and why they were refused. */
export function GateRecords({ device }: { readonly device: string }) {
  const { t } = useTranslation('records');
  const { data, error, refetch } = useAccessRecords({ device, span: 'day', pageItems: SHOWN });
  const records = data?.pages[0]?.items;
  return (
    <section className={styles.atGate}>
      <h2>{t('here')}</h2>
      {records === undefined && error === null && <Loading rows={3} />}
      {records === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {records?.length === 0 && <p className={styles.quiet}>{t('none')}</p>}
      {records !== undefined && records.length > 0 && (
        <ul className={styles.list}>
          {records.map((record) => (
            <RecordRow key={record.id} record={record} gateName={undefined} />
          ))}
        </ul>
      )}
      <p>
        <Link to={`/passages?gate=${encodeURIComponent(device)}&outcome=all`}>{t('seeAll')}</Link>
      </p>
    </section>
  );
}
