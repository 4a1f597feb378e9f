import type { IssuedPass } from '@dipper/contract/api/pass';
import { Button, Modal, QRCode, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import styles from './passes.module.css';

/** The way to the visitor's page: to be scanned by their phone, or sent. */
export function ShownPass({
  issued: { pass, code },
  onClose,
}: {
  readonly issued: IssuedPass;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation('passes');
  const link = `${window.location.origin}/pass/${code ?? ''}`;
  return (
    <Modal
      open
      title={t('shownTitle', { name: pass.name })}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('done')}
        </Button>
      }
    >
      <div className={styles.shown}>
        <p>{t('shownHint')}</p>
        <QRCode value={link} size={220} bordered={false} bgColor="#ffffff" color="#000000" />
        <Typography.Paragraph className={styles.link ?? ''} copyable>
          {link}
        </Typography.Paragraph>
      </div>
    </Modal>
  );
}
