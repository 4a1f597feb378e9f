import { ClusterOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { CodeDialog } from './code-dialog.tsx';
import { EdgeRow } from './edge-row.tsx';
import styles from './edges-page.module.css';
import { HubKeys } from './hub-keys.tsx';
import { type Edge, useEdges } from './use-edges.ts';

/** 边缘节点: how edges come in, and which keys of the hub each believes. */
export function EdgesPage() {
  const { t } = useTranslation('edges');
  const { data: edges, error, refetch } = useEdges();
  const [asked, setAsked] = useState<Pick<Edge, 'id' | 'estate'> | 'new'>();
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <p className={styles.quiet}>{t('hint')}</p>
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAsked('new')}>
          {t('bringIn')}
        </Button>
      </header>
      {edges === undefined && error === null && <Loading rows={6} />}
      {edges === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {edges?.length === 0 && <Notice title={t('none')} hint={t('noneHint')} icon={<ClusterOutlined />} />}
      {edges !== undefined && edges.length > 0 && (
        <ul className={styles.list}>
          {edges.map((edge) => (
            <EdgeRow key={edge.id} edge={edge} onBringIn={() => setAsked(edge)} />
          ))}
        </ul>
      )}
      <HubKeys edges={edges ?? []} />
      {asked !== undefined && (
        <CodeDialog edge={asked === 'new' ? undefined : asked} onClose={() => setAsked(undefined)} />
      )}
    </div>
  );
}
