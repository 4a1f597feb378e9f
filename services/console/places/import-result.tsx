import type { ImportProblem, ImportReport } from '@dipper/contract/api/import';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './places-page.module.css';

/** What an import would change or has changed, and what is wrong with its files. */
export function ImportResult({ report }: { readonly report: ImportReport }) {
  const { t } = useTranslation('places');
  const errors = report.problems.filter(({ severity }) => severity === 'error');
  const warnings = report.problems.filter(({ severity }) => severity === 'warning');
  const isNothing = errors.length === 0 && report.outcome !== 'imported' && report.changes.length === 0;
  return (
    <>
      <ul className={styles.files}>
        {report.files.map(({ name, rows, encoding }) => (
          <li key={name}>{t('file', { name, count: rows, encoding: encoding.toUpperCase() })}</li>
        ))}
      </ul>
      {errors.length > 0 && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={t('errors', { count: errors.length })}
          description={<Problems problems={errors} />}
        />
      )}
      {warnings.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('warnings', { count: warnings.length })}
          description={<Problems problems={warnings} />}
        />
      )}
      {isNothing && <Alert type="info" showIcon title={t('nothing')} />}
      {errors.length === 0 && report.counts.length > 0 && <Counts counts={report.counts} />}
    </>
  );
}

function Problems({ problems }: { readonly problems: readonly ImportProblem[] }) {
  const { t } = useTranslation('places');
  const localText = useLocalText();
  return (
    <ul className={styles.problems}>
      {problems.map((problem) => {
        const place = problem.line === null ? t('whole') : t('line', { line: problem.line });
        const where = [problem.file, place, problem.column].filter(Boolean).join(' · ');
        return (
          <li key={`${where} ${problem.text.en}`}>
            {problem.file !== '' && <span className={styles.where}>{where}</span>}
            <span>{localText(problem.text)}</span>
          </li>
        );
      })}
    </ul>
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
