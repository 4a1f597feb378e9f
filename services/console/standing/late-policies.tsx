import { ClockCircleOutlined } from '@ant-design/icons';
import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useCodeText } from '../i18n/use-code-text.ts';
import { Moment } from '../time/moment.tsx';
import { useNow } from '../time/use-now.ts';
import styles from './late-policies.module.css';
import { latePoliciesOf } from './late-policies-of.ts';

const LOOK_AGAIN_MS = 30_000;

/** Says on the desk which gates still go by an old policy, for as long as they do: a card that was blocked may open there. */
export function LatePolicies() {
  const { t } = useTranslation('operator');
  const { client } = useHub();
  const codeText = useCodeText();
  const nowMs = useNow(LOOK_AGAIN_MS);
  const { data } = useQuery({
    queryKey: keys.agentPolicies,
    queryFn: ({ signal }) => listEverything<AgentPolicyView>(client, '/api/v1/agent-policies', signal),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const late = latePoliciesOf(data ?? [], nowMs);
  if (late.length === 0) return null;
  return (
    <div className={styles.banner} role="status">
      <ClockCircleOutlined aria-hidden="true" />
      <div>
        <p className={styles.title}>{t('latePolicy.title', { count: late.length })}</p>
        {late.map(({ id, behindSince, problem }) => (
          <p key={id}>
            {id} · {t('latePolicy.since')} <Moment at={behindSince} />
            {problem !== null && ` · ${codeText(problem)}`}
          </p>
        ))}
        <p className={styles.hint}>{t('latePolicy.hint')}</p>
      </div>
    </div>
  );
}
