import { ApartmentOutlined, EditOutlined } from '@ant-design/icons';
import type { AccessAreaView } from '@dipper/contract/api/access-point';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './access.module.css';
import { AreaDialog } from './area-dialog.tsx';
import { ForgiveButton } from './forgive-button.tsx';
import { RemoveButton } from './remove-button.tsx';
import { RuleList } from './rule-list.tsx';
import { clockOf } from './week.ts';

interface AreaListProps {
  readonly estate: string;
  readonly areas: readonly AccessAreaView[];
}

/** What lies between access points: how many may be inside, and when it is forgotten who is. */
export function AreaList({ estate, areas }: AreaListProps) {
  return (
    <RuleList
      kind="areas"
      icon={<ApartmentOutlined />}
      rules={areas}
      row={(area, onEdit) => <AreaRow area={area} onEdit={onEdit} />}
      dialog={(area, onClose) => <AreaDialog estate={estate} area={area} onClose={onClose} />}
    />
  );
}

interface AreaRowProps {
  readonly area: AccessAreaView;
  /** Undefined for whoever only reads. */
  readonly onEdit: (() => void) | undefined;
}

function AreaRow({ area, onEdit }: AreaRowProps) {
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
        {onEdit !== undefined && (
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
