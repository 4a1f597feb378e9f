import { ArrowLeftOutlined, VideoCameraOutlined } from '@ant-design/icons';
import type { DeviceView } from '@dipper/contract/api/inventory';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router-dom';
import { DeviceTroubles } from '../devices/device-troubles.tsx';
import { useAgents } from '../devices/use-agents.ts';
import { useDevices } from '../devices/use-devices.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import styles from './camera-page.module.css';
import { CameraRecordings } from './camera-recordings.tsx';

/** 摄像机: one camera, now and on any day that is recorded. */
export function CameraPage() {
  const { t } = useTranslation('recordings');
  const { id = '' } = useParams();
  const { data: devices, error, refetch } = useDevices();
  // Asked for early: a live picture that waits for the agent's clock is late.
  useAgents();
  const device = devices?.find((each) => each.id === id && each.kind === 'camera');
  return (
    <div className={styles.page}>
      <Link to="/devices" className={styles.back}>
        <ArrowLeftOutlined aria-hidden="true" /> {t('back')}
      </Link>
      {device !== undefined ? (
        <Camera key={device.id} device={device} />
      ) : devices !== undefined ? (
        <Notice icon={<VideoCameraOutlined aria-hidden="true" />} title={t('unknown')} hint={t('unknownHint')} />
      ) : error === null ? (
        <Loading rows={8} />
      ) : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </div>
  );
}

function Camera({ device }: { readonly device: DeviceView }) {
  const localText = useLocalText();
  const places = usePlaces();
  return (
    <>
      <header className={styles.head}>
        <h1>{localText(device.name)}</h1>
        <p className={styles.quiet}>{places.whereOf(device)}</p>
        <DeviceTroubles device={device} />
      </header>
      <CameraRecordings device={device} />
    </>
  );
}
