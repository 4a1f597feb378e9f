import type { AgentView } from '@dipper/contract/api/inventory';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import { Moment } from '../time/moment.tsx';
import type { DeviceStanding } from './device-standing.ts';
import styles from './devices-page.module.css';
import { StandingMark } from './standing-mark.tsx';
import { usePlaces } from './use-places.ts';

const STANDINGS: Record<AgentView['state'], DeviceStanding> = { online: 'good', offline: 'bad', unknown: 'unknown' };

/** One edge agent: whether it is there, and what waits in it. */
export function AgentCard({ agent }: { readonly agent: AgentView }) {
  const { t } = useTranslation('devices');
  const codeText = useCodeText();
  const places = usePlaces();
  return (
    <article className={styles.card} data-standing={STANDINGS[agent.state]}>
      <header className={styles.cardHead}>
        <span>
          <span className={styles.name}>{agent.id}</span>
          <br />
          <span className={styles.quiet}>{places.estateNameOf(agent.estate)}</span>
        </span>
        <StandingMark standing={STANDINGS[agent.state]}>{t(`agent.${agent.state}`)}</StandingMark>
      </header>
      <dl className={styles.terms}>
        <dt>{t('agent.seen')}</dt>
        <dd>{agent.seenAt === null ? t('agent.never') : <Moment at={agent.seenAt} />}</dd>
        <dt>{t('agent.version')}</dt>
        <dd>{agent.version ?? '—'}</dd>
        <dt>{t('agent.clock')}</dt>
        <dd>{agent.clockOffsetMs === null ? t('agent.clockUnknown') : `${agent.clockOffsetMs} ms`}</dd>
        <dt>{t('agent.waiting')}</dt>
        <dd>{agent.waiting ?? '—'}</dd>
        {(agent.quarantined ?? 0) > 0 && (
          <>
            <dt>{t('agent.quarantined')}</dt>
            <dd>{agent.quarantined}</dd>
          </>
        )}
        {agent.deadLetters > 0 && (
          <>
            <dt>{t('agent.deadLetters')}</dt>
            <dd>{agent.deadLetters}</dd>
          </>
        )}
      </dl>
      {agent.hubKeyState === 'lost' && <p className={styles.cause}>{t('agent.keyLost')}</p>}
      {agent.lastDeadLetter !== null && (
        <p className={styles.cause}>{t('agent.lastDeadLetter', { reason: codeText(agent.lastDeadLetter) })}</p>
      )}
    </article>
  );
}
