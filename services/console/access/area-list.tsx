import { ApartmentOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import type { AccessAreaView } from '@dipper/contract/api/access-point';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import styles from './access.module.css';
import { AreaDialog } from './area-dialog.tsx';
import { ForgiveButton } from './forgive-button.tsx';
import { RemoveButton } from './remove-button.tsx';
import { clockOf } from './week.ts';

interface AreaListProps {
  readonly estate: string;
  readonly areas: readonly AccessAreaView[];
}

/** What lies between access points: how many may be inside, and when it is forgotten who is. */
export function AreaList({ estate, areas }: AreaListProps) {
  const { t } = useTranslation('access');
  const mayKeep = useAllowed('keepAccess');
  const [open, setOpen] = useState<string>();
  return (
    <>
      {mayKeep && (
        <div className={styles.tools}>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen('')}>
            {t('areas.create')}
          </Button>
        </div>
      )}
      {areas.length === 0 ? (
        <Notice title={t('areas.none')} hint={t('areas.noneHint')} icon={<ApartmentOutlined />} />
      ) : (
        <ul className={styles.list}>
          {areas.map((area) => (
            <AreaRow key={area.id} area={area} mayKeep={mayKeep} onEdit={() => setOpen(area.id)} />
          ))}
        </ul>
      )}
      {open !== undefined && (
        <AreaDialog
          key={open}
          estate={estate}
          area={areas.find(({ id }) => id === open)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}

interface AreaRowProps {
  readonly area: AccessAreaView;
  readonly mayKeep: boolean;
  readonly onEdit: () => void;
}

function AreaRow({ area, mayKeep, onEdit }: AreaRowProps) {
  const { t } = useTranslation('access');
  const localText = useLocalText();
  const { id, version, occupancyLimit, resetAtMinute } = area;
  const name = localText(area.name);
  return (
    <li className={styles.row}>
      <span className={styles.what}>
        <span className={styles.name}>{name}</span>
        <span className={styles.quiet}>{id}</span>
      </span>
      <span className={styles.words}>
        <span>{occupancyLimit === null ? t('areas.noLimit') : t('areas.limited', { count: occupancyLimit })}</span>
        <span className={styles.quiet}>
          {resetAtMinute === null ? t('areas.noReset') : t('areas.resetAt', { time: clockOf(resetAtMinute) })}
        </span>
      </span>
      <span className={styles.actions}>
        <ForgiveButton
          path={`/api/v1/access-areas/${encodeURIComponent(id)}`}
          title={t('areas.forgiveTitle', { name })}
          hint={t('areas.forgiveHint')}
        >
          {t('areas.forgive')}
        </ForgiveButton>
        {mayKeep && (
          <>
            <Button icon={<EditOutlined />} onClick={onEdit}>
              {t('edit')}
            </Button>
            <RemoveButton kind="area" id={id} version={version} name={name} />
          </>
        )}
      </span>
    </li>
  );
}
