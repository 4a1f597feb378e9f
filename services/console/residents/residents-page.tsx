import { TeamOutlined, UploadOutlined, UserAddOutlined } from '@ant-design/icons';
import type { HolderView } from '@dipper/contract/api/holder';
import { Button, Input, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePlaces } from '../devices/use-places.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { ImportDrawer } from './import-drawer.tsx';
import { ResidentDialog } from './resident-dialog.tsx';
import { ResidentDrawer } from './resident-drawer.tsx';
import styles from './residents.module.css';
import { useResidents } from './use-residents.ts';

/** 住户与通行权限: who may pass, by what, and who is blocked. */
export function ResidentsPage() {
  const { t } = useTranslation('residents');
  const mayKeep = useAllowed('keepHolders');
  const [q, setQ] = useState('');
  const [chosen, setChosen] = useState<string>();
  const [isEntering, setEntering] = useState(false);
  const [isImporting, setImporting] = useState(false);
  const { data: residents, error, refetch } = useResidents(q.trim());
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <Input.Search
          className={styles.search ?? ''}
          allowClear
          placeholder={t('search')}
          aria-label={t('search')}
          maxLength={64}
          onSearch={setQ}
        />
        {mayKeep && (
          <>
            <Button icon={<UploadOutlined />} onClick={() => setImporting(true)}>
              {t('import')}
            </Button>
            <Button type="primary" icon={<UserAddOutlined />} onClick={() => setEntering(true)}>
              {t('enter')}
            </Button>
          </>
        )}
      </header>
      {residents === undefined && error === null && <Loading rows={8} />}
      {residents === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {residents?.length === 0 && (
        <Notice
          title={t(q === '' ? 'none' : 'noneFound')}
          hint={t(q === '' ? 'noneHint' : 'noneFoundHint')}
          icon={<TeamOutlined />}
        />
      )}
      {residents !== undefined && residents.length > 0 && (
        <ul className={styles.list}>
          {residents.map((resident) => (
            <ResidentRow key={resident.id} resident={resident} onOpen={() => setChosen(resident.id)} />
          ))}
        </ul>
      )}
      {isEntering && (
        <ResidentDialog
          onClose={(id) => {
            setEntering(false);
            if (id !== undefined) setChosen(id);
          }}
        />
      )}
      {isImporting && <ImportDrawer onClose={() => setImporting(false)} />}
      {chosen !== undefined && (
        <ResidentDrawer key={chosen} id={chosen} onOpen={setChosen} onClose={() => setChosen(undefined)} />
      )}
    </div>
  );
}

function ResidentRow({ resident, onOpen }: { readonly resident: HolderView; readonly onOpen: () => void }) {
  const { t } = useTranslation('residents');
  const { estateNameOf } = usePlaces();
  const { name, unit, kind, owner, plates, estate, blockedAt } = resident;
  return (
    <li className={styles.row}>
      <span className={styles.who}>
        <span className={styles.name}>{name}</span>
        <span className={styles.quiet}>{owner === null ? (unit ?? '') : t('ofOwner', { name: owner.name })}</span>
      </span>
      <span className={styles.quiet}>
        {t(`kind.${kind}`)} · {estateNameOf(estate)}
      </span>
      <span>
        {plates.map((plate) => (
          <Tag key={plate}>{plate}</Tag>
        ))}
        {blockedAt !== null && <Tag color="error">{t('blocked')}</Tag>}
      </span>
      <Button onClick={onOpen}>{t('open')}</Button>
    </li>
  );
}
