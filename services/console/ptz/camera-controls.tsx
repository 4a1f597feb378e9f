import type { DeviceView } from '@dipper/contract/api/inventory';
import { useTranslation } from 'react-i18next';
import { isHubError } from '../api/hub-error.ts';
import { CommandHistory } from '../gates/command-history.tsx';
import { useErrorText } from '../i18n/use-code-text.ts';
import { CameraStill } from './camera-still.tsx';
import { PresetList } from './preset-list.tsx';
import styles from './ptz.module.css';
import { PtzPad } from './ptz-pad.tsx';
import { usePresets } from './use-ptz.ts';

/** What can be asked of a camera beside its picture: a still, and to turn where it does. */
export function CameraControls({ device }: { readonly device: DeviceView }) {
  const { t } = useTranslation('gates');
  const errorText = useErrorText();
  const presets = usePresets(device.id);
  const isFixed = isHubError(presets.error, 'PTZ_NOT_SUPPORTED');
  return (
    <section className={styles.controls} aria-label={t('ptz.title')}>
      <CameraStill device={device} />
      {presets.data !== undefined && (
        <div className={styles.drive}>
          <PtzPad device={device.id} />
          <PresetList device={device.id} presets={presets.data} />
          <details className={styles.past}>
            <summary>{t('history')}</summary>
            <CommandHistory device={device.id} />
          </details>
        </div>
      )}
      {presets.error !== null && !isFixed && <p className={styles.quiet}>{errorText(presets.error).text}</p>}
    </section>
  );
}
