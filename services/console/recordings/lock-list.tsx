import type { EvidenceLock } from '@dipper/contract/api/recording';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { FormFailure } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './camera-page.module.css';
import { ReasonItem } from './reason-item.tsx';

/** What of the day is locked as evidence, why and until when. */
export function LockList({ device, locks }: { readonly device: string; readonly locks: readonly EvidenceLock[] }) {
  const { t } = useTranslation('recordings');
  const { clock } = useHub();
  const formats = useTimeFormats();
  const mayRelease = useAllowed('releaseEvidence');
  const [released, setReleased] = useState<EvidenceLock>();
  if (locks.length === 0) return null;
  const full = (at: string): string => formats.full(Date.parse(at), clock.nowMs());
  return (
    <section className={styles.locks}>
      <h2>{t('lock.list')}</h2>
      <ul>
        {locks.map((lock) => (
          <li key={lock.id}>
            <div>
              <strong>{lock.reason}</strong>
              <p className={styles.quiet}>
                {full(lock.from)} – {full(lock.until)} · {t('lock.until', { time: full(lock.expiresAt) })}
              </p>
            </div>
            {mayRelease && (
              <Button size="small" onClick={() => setReleased(lock)}>
                {t('lock.release')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {released !== undefined && (
        <ReleaseDialog device={device} lock={released} onClose={() => setReleased(undefined)} />
      )}
    </section>
  );
}

interface ReleaseDialogProps {
  readonly device: string;
  readonly lock: EvidenceLock;
  readonly onClose: () => void;
}

function ReleaseDialog({ device, lock, onClose }: ReleaseDialogProps) {
  const { t } = useTranslation(['recordings', 'shell']);
  const { client } = useHub();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const release = useMutation({
    mutationFn: (reason: string) => {
      const path = `/api/v1/devices/${encodeURIComponent(device)}/evidence-locks/${lock.id}/release`;
      return client.send('POST', path, { reason: reason.trim() });
    },
    async onSuccess() {
      await queryClient.invalidateQueries({ queryKey: keys.timelines(device) });
      void message.success(t('recordings:lock.released'));
      onClose();
    },
  });
  return (
    <Modal open title={t('recordings:lock.releaseTitle')} footer={null} onCancel={onClose} width={480}>
      <Form<{ reason: string }>
        layout="vertical"
        requiredMark={false}
        onFinish={({ reason }) => release.mutate(reason)}
      >
        <p>{t('recordings:lock.releaseHint')}</p>
        <FormFailure error={release.error} />
        <ReasonItem label={t('recordings:lock.reason')} missing={t('recordings:lock.reasonMissing')} />
        <Button type="primary" htmlType="submit" danger loading={release.isPending}>
          {t('recordings:lock.release')}
        </Button>
      </Form>
    </Modal>
  );
}
