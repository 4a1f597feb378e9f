import { App, Button, Input, Modal } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './secret-dialog.module.css';

interface SecretDialogProps {
  readonly title: string;
  /** What it is for, and that it is told only now. */
  readonly hint: ReactNode;
  readonly secret: string;
  readonly onClose: () => void;
}

/** Shows a secret, once: it closes only by saying that it was kept. */
export function SecretDialog({ title, hint, secret, onClose }: SecretDialogProps) {
  const { t } = useTranslation('shell');
  const { message } = App.useApp();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(secret);
    message.success(t('secret.copied'));
  };
  return (
    <Modal
      open
      title={title}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      width={560}
      footer={
        <Button size="large" type="primary" onClick={onClose}>
          {t('secret.done')}
        </Button>
      }
    >
      <p>{hint}</p>
      <div className={styles.secret}>
        <Input readOnly value={secret} aria-label={title} onFocus={(event) => event.target.select()} />
        {/* Browsers copy for a page only over TLS or on this machine. */}
        {window.isSecureContext && <Button onClick={() => void copy()}>{t('secret.copy')}</Button>}
      </div>
    </Modal>
  );
}
