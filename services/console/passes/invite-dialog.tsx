import type { HolderView } from '@dipper/contract/api/holder';
import { App, Button, Modal, QRCode, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import styles from './passes.module.css';
import { ResidentSelect } from './resident-select.tsx';
import { useEndInvite, useMakeInvite } from './use-passes.ts';

/** Makes the link by which a resident gives out passes, or ends it. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(['passes', 'shell']);
  const { message } = App.useApp();
  const [resident, setResident] = useState<HolderView>();
  const make = useMakeInvite();
  const end = useEndInvite();
  if (make.data !== undefined) {
    const link = `${window.location.origin}/invite/${make.data.code}`;
    return (
      <Modal
        open
        title={t('passes:linkTitle', { name: resident?.name ?? '' })}
        closable={false}
        keyboard={false}
        mask={{ closable: false }}
        footer={
          <Button type="primary" onClick={onClose}>
            {t('passes:done')}
          </Button>
        }
      >
        <div className={styles.shown}>
          <p>{t('passes:linkHint')}</p>
          <QRCode value={link} size={220} bordered={false} bgColor="#ffffff" color="#000000" />
          <Typography.Paragraph className={styles.link ?? ''} copyable>
            {link}
          </Typography.Paragraph>
        </div>
      </Modal>
    );
  }
  const endLink = (holder: string): void =>
    end.mutate(holder, {
      onSuccess() {
        message.success(t('passes:linkEnded'));
        onClose();
      },
    });
  return (
    <Modal open title={t('passes:residentLink')} footer={null} onCancel={onClose}>
      <FormFailure error={make.error ?? end.error} />
      <div className={styles.invite}>
        <ResidentSelect {...(resident !== undefined && { value: resident.id })} onChosen={setResident} />
        <p className={styles.quiet}>{t('passes:linkHint')}</p>
        <div className={styles.buttons}>
          <Button
            danger
            disabled={resident === undefined}
            loading={end.isPending}
            onClick={() => resident !== undefined && endLink(resident.id)}
          >
            {t('passes:endLink')}
          </Button>
          <Button
            type="primary"
            disabled={resident === undefined}
            loading={make.isPending}
            onClick={() => resident !== undefined && make.mutate(resident.id)}
          >
            {t('passes:makeLink')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
