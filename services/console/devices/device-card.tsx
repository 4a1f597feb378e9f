import { ControlOutlined, HistoryOutlined, PlayCircleOutlined } from '@ant-design/icons';
import type { AgentView, DeviceView } from '@dipper/contract/api/inventory';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useLocalText } from '../i18n/use-language.ts';
import { useAllowed } from '../session/session-context.ts';
import { Moment } from '../time/moment.tsx';
import { deviceStandingOf } from './device-standing.ts';
import { DeviceTroubles } from './device-troubles.tsx';
import styles from './devices-page.module.css';
import { StandingMark } from './standing-mark.tsx';

interface DeviceCardProps {
  readonly device: DeviceView;
  readonly agent: AgentView | undefined;
  readonly onWatch: () => void;
}

/** One camera or barrier: how it is, why, and since when. */
export function DeviceCard({ device, agent, onWatch }: DeviceCardProps) {
  const { t } = useTranslation('devices');
  const localText = useLocalText();
  const mayWatch = useAllowed('watchLive');
  const mayPlay = useAllowed('playRecordings');
  const mayReadCommands = useAllowed('readCommands');
  const standing = deviceStandingOf(device, agent);
  return (
    <article className={styles.card} data-standing={standing}>
      <header className={styles.cardHead}>
        <span>
          <span className={styles.name}>{localText(device.name)}</span>
          <br />
          <span className={styles.quiet}>{t(`kind.${device.kind}`)}</span>
        </span>
        <StandingMark standing={standing}>{useStandingText(device, agent)}</StandingMark>
      </header>
      <DeviceState device={device} />
      {device.kind === 'gate' && mayReadCommands && (
        <div className={styles.watch}>
          <Link to={`/gates/${device.id}`}>
            <ControlOutlined aria-hidden="true" /> {t('gate')}
          </Link>
        </div>
      )}
      {device.kind === 'camera' && mayWatch && (
        <div className={styles.watch}>
          <Button icon={<PlayCircleOutlined />} onClick={onWatch}>
            {t('watch')}
          </Button>
          {mayPlay && (
            <Link to={`/devices/${device.id}`}>
              <HistoryOutlined aria-hidden="true" /> {t('recordings')}
            </Link>
          )}
        </div>
      )}
    </article>
  );
}

function useStandingText({ state }: DeviceView, agent: AgentView | undefined): string {
  const { t } = useTranslation('devices');
  if (state === null) return t('unreported');
  if (agent !== undefined && agent.state !== 'online') return t('agentOffline');
  if (state.connection !== 'online') return t(`connection.${state.connection}`);
  if (state.kind === 'gate') return t(`position.${state.position}`);
  return state.picture === 'unknown' ? t('connection.online') : t(`picture.${state.picture}`);
}

function DeviceState({ device }: { readonly device: DeviceView }) {
  const { t } = useTranslation('devices');
  const { state, reportedAt } = device;
  if (state === null) return null;
  return (
    <>
      <DeviceTroubles device={device} />
      <dl className={styles.terms}>
        <dt>{t('since')}</dt>
        <dd>
          <Moment at={state.since} />
        </dd>
        {state.kind === 'gate' && (
          <>
            <dt>{t('relay.label')}</dt>
            <dd>{t(`relay.${state.relay}`)}</dd>
            <dt>{t('contact.label')}</dt>
            <dd>{t(`contact.${state.contact}`)}</dd>
          </>
        )}
        {state.kind === 'camera' && state.model !== undefined && (
          <>
            <dt>{t('model')}</dt>
            <dd>{state.model}</dd>
          </>
        )}
        {state.kind === 'camera' && state.firmware !== undefined && (
          <>
            <dt>{t('firmware')}</dt>
            <dd>{state.firmware}</dd>
          </>
        )}
        {reportedAt !== null && (
          <>
            <dt>{t('reportedAt')}</dt>
            <dd>
              <Moment at={reportedAt} as="relative" />
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
