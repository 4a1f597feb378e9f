import { Button } from 'antd';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './captures.module.css';

/** A face does not stay on an unattended screen. */
const SHOW_SEC = 60;

/** The picture, for as long as somebody says that they are looking. */
export function ShownCapture({ address, onClose }: { readonly address: string; readonly onClose: () => void }) {
  const { t } = useTranslation(['captures', 'shell']);
  const [leftSec, setLeftSec] = useState(SHOW_SEC);
  const close = useEffectEvent(onClose);
  useEffect(() => {
    const timer = setInterval(() => setLeftSec((sec) => sec - 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (leftSec <= 0) close();
  }, [leftSec]);
  return (
    <div className={styles.shown}>
      <img src={address} alt={t('captures:picture')} draggable={false} />
      <div className={styles.bar}>
        <span>{t('captures:closesIn', { seconds: leftSec })}</span>
        <Button onClick={() => setLeftSec(SHOW_SEC)}>{t('captures:stay')}</Button>
        <Button type="primary" onClick={onClose}>
          {t('shell:close')}
        </Button>
      </div>
    </div>
  );
}
