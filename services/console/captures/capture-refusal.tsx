import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { isHubError } from '../api/hub-error.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Notice } from '../layout/states.tsx';
import { isGone } from './capture-availability.ts';
import styles from './captures.module.css';

/** Why there is no picture: gone for good, or out of reach for now. */
export function CaptureRefusal({ error, onAskAgain }: { readonly error: unknown; readonly onAskAgain: () => void }) {
  const { t } = useTranslation(['captures', 'shell']);
  const { text, reference } = useErrorText()(error);
  if (isGone(error)) return <Notice title={text} />;
  const isOffline = isHubError(error, 'AGENT_OFFLINE') || isHubError(error, 'COMMAND_TIMEOUT');
  return (
    <div role="alert">
      <Notice title={isOffline ? text : t('shell:failed')} hint={isOffline ? t('captures:offline') : text}>
        {reference !== undefined && <p className={styles.audit}>{reference}</p>}
        <Button onClick={onAskAgain}>{t('captures:again')}</Button>
      </Notice>
    </div>
  );
}
