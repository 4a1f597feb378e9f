import type { ImportProblem } from '@dipper/contract/api/import';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './places-page.module.css';

/** What is wrong with files, line by line, and what a person should look at. */
export function ImportProblems({ problems }: { readonly problems: readonly ImportProblem[] }) {
  const { t } = useTranslation('places');
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  return (
    <>
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
