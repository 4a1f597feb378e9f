import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../devices/use-devices.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { LiveView } from '../live/live-view.tsx';
import styles from './alarm-picture.module.css';
import { camerasOf } from './cameras-of.ts';
import type { QueueLine } from './queue-line.ts';

/** The live picture of the camera concerned; where a place has several, the others are one press away. */
export function AlarmPicture({ line }: { readonly line: QueueLine }) {
  const { t } = useTranslation('alarms');
  const localText = useLocalText();
  const { data: devices } = useDevices();
  const [wanted, setWanted] = useState<{ readonly line: string; readonly camera: string }>();
  const cameras = camerasOf(line.alarms, devices ?? []);
  const chosen = wanted?.line === line.key ? cameras.find(({ id }) => id === wanted.camera) : undefined;
  const camera = chosen ?? cameras[0];
  if (camera === undefined) {
    return devices === undefined ? <div className={styles.frame} /> : <p className={styles.none}>{t('noCamera')}</p>;
  }
  return (
    <div className={styles.picture}>
      <LiveView device={camera} />
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
