import type { ImportReport } from '@dipper/contract/api/import';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { ImportProblems } from './import-problems.tsx';
import styles from './places-page.module.css';

/** What an import would change or has changed, and what is wrong with its files. */
export function ImportResult({ report }: { readonly report: ImportReport }) {
  const { t } = useTranslation('places');
  const errors = report.problems.filter(({ severity }) => severity === 'error');
  const isNothing = errors.length === 0 && report.outcome !== 'imported' && report.changes.length === 0;
  return (
    <>
      <ul className={styles.files}>
        {report.files.map(({ name, rows, encoding }) => (
          <li key={name}>{t('file', { name, count: rows, encoding: encoding.toUpperCase() })}</li>
        ))}
      </ul>
      <ImportProblems problems={report.problems} />
      {isNothing && <Alert type="info" showIcon title={t('nothing')} />}
      {errors.length === 0 && report.counts.length > 0 && <Counts counts={report.counts} />}
    </>
  );
}

function Counts({ counts }: { readonly counts: ImportReport['counts'] }) {
  const { t } = useTranslation('places');
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('kind')}</th>
          <th scope="col">{t('created')}</th>
          <th scope="col">{t('changed')}</th>
          <th scope="col">{t('unchanged')}</th>
          <th scope="col">{t('removed')}</th>
        </tr>
      </thead>
      <tbody>
        {counts.map(({ kind, created, changed, unchanged, removed }) => (
          <tr key={kind}>
            <th scope="row">{t(`kindNames.${kind}`)}</th>
            <td>{created}</td>
            <td>{changed}</td>
            <td>{unchanged}</td>
            <td data-many={removed > 0}>{removed}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
