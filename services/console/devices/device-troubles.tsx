import type { DeviceView } from '@dipper/contract/api/inventory';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import styles from './devices-page.module.css';

/** Why a device is not as it should be, and what that has cost since its edge started. */
export function DeviceTroubles({ device: { state } }: { readonly device: DeviceView }) {
  const { t } = useTranslation('devices');
  const codeText = useCodeText();
  if (state === null) return null;
  return (
    <>
      {state.cause !== undefined && <p className={styles.cause}>{codeText(state.cause)}</p>}
      {state.kind === 'camera' && state.shed !== undefined && (
        <p className={styles.cause}>{t('shed', { recording: 0, ...state.shed })}</p>
      )}
    </>
  );
}
