import type { CaseBrief } from '@dipper/contract/api/case';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import page from './case-page.module.css';
import styles from './case-relatives.module.css';

interface CaseRelativesProps {
  readonly title: string;
  readonly hint?: string;
  readonly cases: readonly CaseBrief[];
}

/** Other cases that have to do with this one; nothing where there are none. */
export function CaseRelatives({ title, hint, cases }: CaseRelativesProps) {
  const { t } = useTranslation('cases');
  const localText = useLocalText();
  if (cases.length === 0) return null;
  return (
    <section className={page.panel} aria-label={title}>
      <h2>{title}</h2>
      {hint !== undefined && <p className={page.quiet}>{hint}</p>}
      <ul className={styles.list}>
        {cases.map(({ id, number, title: name, state, openedAt }) => (
          <li key={id}>
            <Link to={`/cases/${id}`}>{localText(name)}</Link>
            <p className={page.quiet}>
              {number} · {t(`state.${state}`)} · <Moment at={openedAt} as="relative" />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
