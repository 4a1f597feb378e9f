import { useTranslation } from 'react-i18next';
import { useDevices } from '../devices/use-devices.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { LiveView } from '../live/live-view.tsx';
import styles from './quiet-cameras.module.css';
import { quietCamerasOf } from './quiet-cameras-of.ts';

/** What there is to see while nothing needs a response. */
export function QuietCameras() {
  const { t } = useTranslation('alarms');
  const localText = useLocalText();
  const places = usePlaces();
  const { data: devices } = useDevices();
  const cameras = quietCamerasOf(devices ?? []);
  if (cameras.length === 0) return null;
  return (
    <section className={styles.quiet} aria-label={t('quietCameras')}>
      {cameras.map((camera) => (
        <div key={camera.id} className={styles.tile}>
          <LiveView device={camera} />
          <p className={styles.name}>
            {localText(camera.name)}
            <span className={styles.where}>{places.fullNameOf(camera.place)}</span>
          </p>
        </div>
      ))}
    </section>
  );
}
