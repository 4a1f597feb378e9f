import type { AgentView, DeviceView } from '@dipper/contract/api/inventory';
import { useTranslation } from 'react-i18next';
import { deviceStandingOf } from '../devices/device-standing.ts';
import { StandingMark } from '../devices/standing-mark.tsx';
import { useCodeText } from '../i18n/use-code-text.ts';
import { Moment } from '../time/moment.tsx';
import styles from './gates.module.css';

interface GateStandingProps {
  readonly gate: DeviceView;
  readonly agent: AgentView | undefined;
}

/** Where a gate stands, what holds it, and since when that is known. */
export function GateStanding({ gate: { state }, agent }: GateStandingProps) {
  const { t } = useTranslation(['gates', 'devices']);
  const codeText = useCodeText();
  if (state?.kind !== 'gate') return <p className={styles.facts}>{t('devices:unreported')}</p>;
  const standing = deviceStandingOf({ state }, agent);
  const isHearsay = standing === 'unknown' || standing === 'bad';
  const position = isHearsay ? 'unknown' : state.position;
  return (
    <p className={styles.facts}>
      <span className={styles.position} data-position={position}>
        {t(`devices:position.${position}`)}
      </span>
      {!isHearsay && state.hold !== undefined && state.hold !== 'normal' && state.hold !== 'unknown' && (
        <span className={styles.hold}>{t(`gates:hold.${state.hold}`)}</span>
      )}
      {!isHearsay && state.lock !== undefined && state.lock !== 'unknown' && (
        <span>{t(`gates:lock.${state.lock}`)}</span>
      )}
      {standing !== 'good' && (
        <StandingMark standing={standing}>
          {agent !== undefined && agent.state !== 'online'
            ? t('devices:agentOffline')
            : t(`devices:connection.${state.connection}`)}
        </StandingMark>
      )}
      <span className={styles.since}>
        {t('devices:since')} <Moment at={state.since} as="relative" />
      </span>
      {state.cause !== undefined && <span className={styles.since}>{codeText(state.cause)}</span>}
    </p>
  );
}
