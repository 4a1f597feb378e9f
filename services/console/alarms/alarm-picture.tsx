import { HistoryOutlined } from '@ant-design/icons';
import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useDevices } from '../devices/use-devices.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { LiveView } from '../live/live-view.tsx';
import { recordingPath } from '../recordings/use-moment.ts';
import { useAllowed } from '../session/session-context.ts';
import styles from './alarm-picture.module.css';
import { camerasOf } from './cameras-of.ts';
import type { QueueLine } from './queue-line.ts';

/** What leads to an alarm is seen as well. */
const BEFORE_MS = 5_000;

function beforeOf(at: string): string {
  return new Date(Date.parse(at) - BEFORE_MS).toISOString();
}

/** The live picture of the camera concerned; where a place has several, the others are one press away. */
export function AlarmPicture({ line }: { readonly line: QueueLine }) {
  const { t } = useTranslation(['alarms', 'recordings']);
  const localText = useLocalText();
  const { data: devices } = useDevices();
  const mayPlay = useAllowed('playRecordings');
  const [wanted, setWanted] = useState<{ readonly line: string; readonly camera: string }>();
  const cameras = camerasOf(line.alarms, devices ?? []);
  const chosen = wanted?.line === line.key ? cameras.find(({ id }) => id === wanted.camera) : undefined;
  const camera = chosen ?? cameras[0];
  if (camera === undefined) {
    return devices === undefined ? (
      <div className={styles.frame} />
    ) : (
      <p className={styles.none}>{t('alarms:noCamera')}</p>
    );
  }
  return (
    <div className={styles.picture}>
      <LiveView device={camera} />
      {mayPlay && (
        <Link className={styles.recording ?? ''} to={recordingPath(camera.id, beforeOf(line.alarms[0].raisedAt))}>
          <HistoryOutlined aria-hidden="true" /> {t('recordings:openAt')}
        </Link>
      )}
      {cameras.length > 1 && (
        <Segmented
          className={styles.cameras ?? ''}
          value={camera.id}
          options={cameras.map(({ id, name }) => ({ value: id, label: localText(name) }))}
          onChange={(id) => setWanted({ line: line.key, camera: id })}
        />
      )}
    </div>
  );
}
