import { VideoCameraOutlined } from '@ant-design/icons';
import type { AgentView, DeviceView } from '@dipper/contract/api/inventory';
import { Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { LiveView } from '../live/live-view.tsx';
import { useAllowed } from '../session/session-context.ts';
import { AgentCard } from './agent-card.tsx';
import { DeviceCard } from './device-card.tsx';
import { type DeviceStanding, deviceStandingOf } from './device-standing.ts';
import styles from './devices-page.module.css';
import { useAgents } from './use-agents.ts';
import { useDevices } from './use-devices.ts';
import { usePlaces } from './use-places.ts';

const ORDER: readonly DeviceStanding[] = ['bad', 'unknown', 'warning', 'good'];

function rankOf(device: DeviceView, agent: AgentView | undefined): number {
  return ORDER.indexOf(deviceStandingOf(device, agent));
}

/** 设备: what sees and what opens, place by place, and the agents beside them. */
export function DevicesPage() {
  const { t } = useTranslation('devices');
  const localText = useLocalText();
  const { data: devices, error, refetch } = useDevices();
  const agents = useAgents();
  const places = usePlaces();
  const mayReadAgents = useAllowed('readAgents');
  const [watched, setWatched] = useState<string>();
  if (devices === undefined) {
    return error === null ? <Loading rows={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  const agentOf = (device: DeviceView) => agents.data?.find(({ id }) => id === device.agent);
  // Places with trouble come first.
  const troubled = devices.toSorted((a, b) => rankOf(a, agentOf(a)) - rankOf(b, agentOf(b)));
  const byPlace = Map.groupBy(troubled, ({ place }) => place);
  const online = devices.filter((device) => deviceStandingOf(device, agentOf(device)) === 'good').length;
  const shown = devices.find(({ id }) => id === watched);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        {devices.length > 0 && <span className={styles.quiet}>{t('summary', { online, total: devices.length })}</span>}
      </header>
      {devices.length === 0 && (
        <Notice icon={<VideoCameraOutlined />} title={t('empty.title')} hint={t('empty.hint')} />
      )}
      {[...byPlace].map(([id, those]) => {
        const place = places.find(id);
        return (
          <section key={id ?? ''} className={styles.group}>
            <h2>
              {places.fullNameOf(id) ?? t('elsewhere')}
              {place !== undefined && (
                <span className={styles.placeFacts}>
                  {t(`kinds.${place.kind}`)}
                  {place.open !== null && ` · ${t(place.open ? 'placeOpen' : 'placeClosed')}`}
                </span>
              )}
            </h2>
            <ul className={styles.cards}>
              {those.map((device) => (
                <li key={device.id}>
                  <DeviceCard device={device} agent={agentOf(device)} onWatch={() => setWatched(device.id)} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {mayReadAgents && (
        <section className={styles.group}>
          <h2>{t('agents')}</h2>
          {agents.data === undefined ? (
            agents.error === null ? (
              <Loading rows={2} />
            ) : (
              <Failure error={agents.error} onRetry={() => void agents.refetch()} />
            )
          ) : agents.data.length === 0 ? (
            <p className={styles.quiet}>{t('emptyAgents')}</p>
          ) : (
            <ul className={styles.cards}>
              {agents.data.map((agent) => (
                <li key={agent.id}>
                  <AgentCard agent={agent} />
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
      {shown !== undefined && (
        <Modal
          open
          centered
          title={localText(shown.name)}
          footer={null}
          width="min(960px, 94vw)"
          destroyOnHidden
          onCancel={() => setWatched(undefined)}
        >
          <LiveView device={shown} />
        </Modal>
      )}
    </div>
  );
}
