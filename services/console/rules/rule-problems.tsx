import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { isHubError } from '../api/hub-error.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import styles from './rules-page.module.css';

/** Why the hub refused a rule: each problem at its line, which a click shows in the text. */
export function RuleProblems({ error, onLine }: { readonly error: unknown; readonly onLine: (line: number) => void }) {
  const { t } = useTranslation('rules');
  const { text, reference } = useErrorText()(error);
  const problems = isHubError(error, 'RULE_INVALID') ? error.problems : [];
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={text}
      description={
        problems.length === 0 ? (
          reference
        ) : (
          <ul className={styles.problems}>
            {problems.map(({ path, message }) => {
              const line = Number(/^line (\d+)$/.exec(path)?.[1] ?? Number.NaN);
              return (
                <li key={`${path} ${message}`}>
                  {Number.isFinite(line) && (
                    <button type="button" onClick={() => onLine(line)}>
                      {t('line', { line })}
                    </button>
                  )}{' '}
                  {message}
                </li>
              );
            })}
          </ul>
        )
      }
    />
  );
}
