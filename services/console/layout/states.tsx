import { Alert, Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import styles from './states.module.css';

/** Grey lines in place of what is on its way. */
export function Loading({ rows = 4 }: { readonly rows?: number }) {
  const { t } = useTranslation('shell');
  return (
    <div className={styles.loading} role="status">
      <span className="only-heard">{t('loading')}</span>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

interface NoticeProps {
  readonly title: string;
  readonly hint?: string | undefined;
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
}

/** What stands where nothing is to be shown, and what to do about it. */
export function Notice({ title, hint, icon, children }: NoticeProps) {
  return (
    <div className={styles.notice}>
      {icon !== undefined && (
        <div className={styles.icon} aria-hidden="true">
          {icon}
        </div>
      )}
      <p className={styles.title}>{title}</p>
      {hint !== undefined && <p className={styles.hint}>{hint}</p>}
      {children}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong, in words, and a way to try again. */
export function Failure({ error, onRetry }: FailureProps) {
  const { t } = useTranslation('shell');
  const { text, reference } = useErrorText()(error);
  return (
    <div role="alert">
      <Notice title={t('failed')} hint={text}>
        {reference !== undefined && <p className={styles.reference}>{reference}</p>}
        {onRetry !== undefined && <Button onClick={onRetry}>{t('retry')}</Button>}
      </Notice>
    </div>
  );
}

/** Why the hub did not take a form, above its fields; nothing while nothing was refused. */
export function FormFailure({ error }: { readonly error: unknown }) {
  const errorText = useErrorText();
  if (error === null) return null;
  const { text, reference } = errorText(error);
  return (
    <Alert className={styles.form ?? ''} type="error" showIcon role="alert" title={text} description={reference} />
  );
}
