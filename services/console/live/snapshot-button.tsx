import { CameraOutlined } from '@ant-design/icons';
import type { DeviceView } from '@dipper/contract/api/inventory';
import type { SnapshotTaken } from '@dipper/contract/api/recording';
import { useMutation } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './live-view.module.css';
import { fileNameOf, pictureOf, saveFile } from './snapshot.ts';

interface SnapshotButtonProps {
  readonly device: DeviceView;
  /** Null where there is no picture any more. */
  readonly picture: () => HTMLVideoElement | HTMLCanvasElement | null;
  /** When the picture on screen was taken, ms since 1970 by the hub's clock. */
  readonly takenAtMs: () => number;
}

/** Saves the picture on screen. The hub puts on record who took it first; what it does not record is not saved. */
export function SnapshotButton({ device, picture, takenAtMs }: SnapshotButtonProps) {
  const { t } = useTranslation('recordings');
  const { client } = useHub();
  const localText = useLocalText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const take = useMutation({
    mutationFn: async () => {
      const source = picture();
      if (source === null) throw new Error('no picture on screen');
      const atMs = takenAtMs();
      const file = await pictureOf(source);
      const taken: SnapshotTaken = { at: new Date(atMs).toISOString() };
      await client.send('POST', `/api/v1/devices/${encodeURIComponent(device.id)}/snapshots`, taken);
      const name = fileNameOf(localText(device.name), atMs, 'jpg');
      saveFile(file, name);
      return name;
    },
    onSuccess: (name) => message.success(t('snapshot.saved', { name })),
    onError: (error) => message.error(`${t('snapshot.failed')} ${errorText(error).text}`),
  });
  return (
    <Button
      className={styles.snapshot ?? ''}
      size="small"
      icon={<CameraOutlined aria-hidden="true" />}
      loading={take.isPending}
      onClick={() => take.mutate()}
    >
      {t('snapshot.take')}
    </Button>
  );
}
