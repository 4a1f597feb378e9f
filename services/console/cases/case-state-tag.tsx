import type { CaseState } from '@dipper/contract/api/case';
import { useTranslation } from 'react-i18next';
import styles from './case-state-tag.module.css';

/** Where a case stands, as a word in a frame. */
export function CaseStateTag({ state }: { readonly state: CaseState }) {
  const { t } = useTranslation('cases');
  return (
    <span className={styles.tag} data-state={state}>
      {t(`state.${state}`)}
    </span>
  );
}
