import type { DeviceView } from '@dipper/contract/api/inventory';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useAgents } from '../devices/use-agents.ts';
import { useDevices } from '../devices/use-devices.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useFeedState } from '../feed/use-feed-state.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { useAllowed } from '../session/session-context.ts';
import { obstacleOf } from './gate-access.ts';
import { GateControls } from './gate-controls.tsx';
import { GateStanding } from './gate-standing.tsx';
import styles from './gates.module.css';

/** 道闸与门: every gate of the desk under the guard's hand, below the queue. Nothing where there is none. */
export function GateStrip() {
  const { t } = useTranslation('gates');
  const { data: devices } = useDevices();
  const gates = (devices ?? []).filter(({ kind }) => kind === 'gate');
  if (gates.length === 0) return null;
  return (
    <section className={styles.strip} aria-labelledby="gates-title">
      <h2 id="gates-title">{t('title')}</h2>
      <ul>
        {gates.map((gate) => (
          <li key={gate.id}>
            <GateTile gate={gate} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function GateTile({ gate }: { readonly gate: DeviceView }) {
  const { t } = useTranslation('gates');
  const mayReadRecords = useAllowed('readRecords');
  const localText = useLocalText();
  const places = usePlaces();
  const { phase } = useFeedState();
  const { data: agents } = useAgents();
  const agent = agents?.find(({ id }) => id === gate.agent);
  const obstacle = obstacleOf(gate, agent, phase);
  return (
    <article className={styles.tile} aria-label={localText(gate.name)} data-off={obstacle !== undefined}>
      <header className={styles.tileHead}>
        <Link to={`/gates/${gate.id}`} className={styles.name}>
          {localText(gate.name)}
        </Link>
        <span className={styles.where}>{places.fullNameOf(gate.place)}</span>
        {mayReadRecords && (
          <Link to={`/passages?gate=${encodeURIComponent(gate.id)}`} className={styles.refused}>
            {t('refused')}
          </Link>
        )}
      </header>
      <GateStanding gate={gate} agent={agent} />
      <GateControls gate={gate} obstacle={obstacle} />
    </article>
  );
}
