import type { PassState, PassView } from '@dipper/contract/api/pass';
import { Button, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import styles from './passes.module.css';
import { useAccessPoints } from './use-passes.ts';

const COLOURS: Record<PassState, string> = {
  coming: 'blue',
  valid: 'green',
  used: 'default',
  expired: 'default',
  revoked: 'red',
};

interface PassRowProps {
  readonly pass: PassView;
  readonly mayIssue: boolean;
  readonly isBusy: boolean;
  readonly onShow: () => void;
  readonly onRevoke: () => void;
}

/** One visitor: who, to whom, when, through which entrance, and how often already. */
export function PassRow({ pass, mayIssue, isBusy, onShow, onRevoke }: PassRowProps) {
  const { t } = useTranslation('passes');
  const localText = useLocalText();
  const { data: points } = useAccessPoints();
  const nameOf = (id: string): string => {
    const point = points?.find((each) => each.id === id);
    return point === undefined ? id : localText(point.name);
  };
  const isOpen = pass.state === 'valid' || pass.state === 'coming';
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <span className={styles.name}>
          {pass.name} <Tag color={COLOURS[pass.state]}>{t(`state.${pass.state}`)}</Tag>
        </span>
        {pass.plate !== null && <span className={styles.plate}>{pass.plate}</span>}
        {pass.host !== null && (
          <span className={styles.quiet}>
            {t('host')} {pass.host.name} {pass.host.unit ?? ''}
          </span>
        )}
      </div>
      <div className={styles.facts}>
        <span>
          <Moment at={pass.from} as="absolute" /> – <Moment at={pass.until} as="absolute" />
        </span>
        <span>{pass.accessPoints.map(nameOf).join('、')}</span>
        <span className={styles.quiet}>
          {t('usedOf', { used: pass.used, uses: pass.uses })} ·{' '}
          {pass.createdBy === 'host' ? t('byHost') : t('by', { name: pass.createdBy })}
        </span>
        {(pass.revokeReason ?? pass.note) !== null && (
          <span className={styles.quiet}>{pass.state === 'revoked' ? pass.revokeReason : pass.note}</span>
        )}
      </div>
      {mayIssue && isOpen && (
        <div className={styles.actions}>
          <Button onClick={onShow} loading={isBusy}>
            {t('show')}
          </Button>
          <Button danger onClick={onRevoke}>
            {t('revoke')}
          </Button>
        </div>
      )}
    </li>
  );
}
