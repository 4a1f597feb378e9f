import { CameraOutlined } from '@ant-design/icons';
import type { DeviceView } from '@dipper/contract/api/inventory';
import { useMutation } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { HubError } from '../api/hub-error.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { fileNameOf, saveFile } from '../live/snapshot.ts';
import styles from './ptz.module.css';

interface Still {
  readonly picture: Blob;
  readonly url: string;
  readonly atMs: number;
}

/** The camera's edge gives up after ten seconds. */
const PATIENCE_MS = 15_000;

/** A picture that the camera takes by itself, at its own best: shown, and saved by who wants it. */
export function CameraStill({ device }: { readonly device: DeviceView }) {
  const { t } = useTranslation('gates');
  const { client, clock } = useHub();
  const localText = useLocalText();
  const errorText = useErrorText();
  const name = localText(device.name);
  const [still, setStill] = useState<Still>();
  const take = useMutation({
    mutationFn: async (): Promise<Still> => {
      const path = `/api/v1/devices/${encodeURIComponent(device.id)}/snapshot`;
      const answer = await client.openFile(path, AbortSignal.timeout(PATIENCE_MS)).catch((error: unknown) => {
        throw error instanceof DOMException ? new HubError('HUB_TIMEOUT', { cause: error }) : error;
      });
      const picture = await answer.blob();
      return { picture, url: URL.createObjectURL(picture), atMs: clock.nowMs() };
    },
    retry: false,
    onSuccess: setStill,
  });
  useEffect(() => () => void (still !== undefined && URL.revokeObjectURL(still.url)), [still]);
  return (
    <div>
      <Button icon={<CameraOutlined aria-hidden="true" />} loading={take.isPending} onClick={() => take.mutate()}>
        {t('still.take')}
      </Button>
      {take.error !== null && (
        <p className={styles.failure} role="alert">
          {errorText(take.error).text}
        </p>
      )}
      {still !== undefined && (
        <Modal
          open
          centered
          title={t('still.title', { name })}
          width="min(960px, 94vw)"
          footer={
            <Button type="primary" onClick={() => saveFile(still.picture, fileNameOf(name, still.atMs, 'jpg'))}>
              {t('still.save')}
            </Button>
          }
          onCancel={() => setStill(undefined)}
        >
          <img className={styles.still} src={still.url} alt={t('still.alt', { name })} />
          <p className={styles.quiet}>{t('still.hint')}</p>
        </Modal>
      )}
    </div>
  );
}
