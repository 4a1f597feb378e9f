import { Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './states.module.css';
import { Notice } from './states.tsx';

/** Keeps a failure of one page from taking everything down, and says what happened. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    return this.state.error === undefined ? this.props.children : <Broken error={this.state.error} />;
  }
}

function Broken({ error }: { readonly error: unknown }) {
  const { t } = useTranslation('shell');
  return (
    <div role="alert">
      <Notice title={t('broken.title')} hint={t('broken.hint')}>
        <p className={styles.reference}>{error instanceof Error ? error.message : String(error)}</p>
        <Button type="primary" onClick={() => location.reload()}>
          {t('broken.reload')}
        </Button>
      </Notice>
    </div>
  );
}
