import { ArrowLeftOutlined, LockOutlined } from '@ant-design/icons';
import type { DeviceView } from '@dipper/contract/api/inventory';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router-dom';
import { useAgents } from '../devices/use-agents.ts';
import { useDevices } from '../devices/use-devices.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useFeedState } from '../feed/use-feed-state.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { GateRecords } from '../records/gate-records.tsx';
import { useAllowed } from '../session/session-context.ts';
import { CommandHistory } from './command-history.tsx';
import { obstacleOf } from './gate-access.ts';
import { GateControls } from './gate-controls.tsx';
import { GateStanding } from './gate-standing.tsx';
import styles from './gates.module.css';

/** 道闸: one gate, how it stands, what it can be told and what it was told. */
export function GatePage() {
  const { t } = useTranslation('gates');
  const { id = '' } = useParams();
  const { data: devices, error, refetch } = useDevices();
  const gate = devices?.find((each) => each.id === id && each.kind === 'gate');
  return (
    <div className={styles.page}>
      <Link to="/devices" className={styles.back}>
        <ArrowLeftOutlined aria-hidden="true" /> {t('back')}
      </Link>
      {gate !== undefined ? (
        <Gate key={gate.id} gate={gate} />
      ) : devices !== undefined ? (
        <Notice icon={<LockOutlined />} title={t('unknown')} hint={t('unknownHint')} />
      ) : error === null ? (
        <Loading rows={6} />
      ) : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </div>
  );
}

function Gate({ gate }: { readonly gate: DeviceView }) {
  const { t } = useTranslation('devices');
  const localText = useLocalText();
  const places = usePlaces();
  const { phase } = useFeedState();
  const { data: agents } = useAgents();
  const mayOperate = useAllowed('operateGates');
  const mayReadRecords = useAllowed('readRecords');
  const agent = agents?.find(({ id }) => id === gate.agent);
  const { state } = gate;
  return (
    <>
      <header className={styles.pageHead}>
        <h1>{localText(gate.name)}</h1>
        <span className={styles.where}>{places.whereOf(gate)}</span>
      </header>
      <div className={styles.tile}>
        <GateStanding gate={gate} agent={agent} />
        {state?.kind === 'gate' && (
          <p className={styles.since}>
            {t('relay.label')} {t(`relay.${state.relay}`)} · {t('contact.label')} {t(`contact.${state.contact}`)}
          </p>
        )}
        {mayOperate && <GateControls gate={gate} obstacle={obstacleOf(gate, agent, phase)} />}
      </div>
      {mayReadRecords && <GateRecords device={gate.id} />}
      <CommandHistory device={gate.id} />
    </>
  );
}
