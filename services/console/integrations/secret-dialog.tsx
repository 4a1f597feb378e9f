import { App, Button, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import styles from './integrations-page.module.css';

interface SecretDialogProps {
  readonly name: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** Shows a secret, once: it closes only by saying that it was kept. */
export function SecretDialog({ name, secret, onClose }: SecretDialogProps) {
  const { t } = useTranslation('integrations');
  const { message } = App.useApp();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(secret);
    message.success(t('copied'));
  };
  return (
    <Modal
      open
      title={t('secretTitle', { name })}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      width={560}
      footer={
        <Button size="large" type="primary" onClick={onClose}>
          {t('done')}
        </Button>
      }
    >
      <p>{t('secretHint')}</p>
      <div className={styles.secret}>
        <Input
          readOnly
          value={secret}
          aria-label={t('secretTitle', { name })}
          onFocus={(event) => event.target.select()}
        />
        {/* Browsers copy for a page only over TLS or on this machine. */}
        {window.isSecureContext && <Button onClick={() => void copy()}>{t('copy')}</Button>}
      </div>
    </Modal>
  );
}
