import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import { Moment } from '../time/moment.tsx';
import styles from './edges-page.module.css';

/** Which access policy an edge goes by, and since when it should go by another. */
export function PolicyText({ policy }: { readonly policy: AgentPolicyView | undefined }) {
  const { t } = useTranslation('edges');
  const codeText = useCodeText();
  if (policy === undefined) return <>{t('policyNone')}</>;
  const { version, hasKey, ackedVersion, behindSince, problem } = policy;
  if (!hasKey) return <>{t('policyNoKey')}</>;
  if (version === null) return <>{t('policyNone')}</>;
  return (
    <>
      {behindSince === null ? (
        <span>{t('policyGood', { version })}</span>
      ) : (
        <strong data-policy="behind">
          {t('policyBehind', { version, acked: ackedVersion ?? 0 })} <Moment at={behindSince} as="absolute" />
        </strong>
      )}
      {problem !== null && (
        <span className={styles.problem} role="alert">
          {codeText(problem)}
        </span>
      )}
    </>
  );
}
