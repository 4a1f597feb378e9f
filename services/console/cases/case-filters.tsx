import { CASE_STATES } from '@dipper/contract/api/case';
import { Checkbox, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { CaseFilter } from './case-filter.ts';
import styles from './case-list-page.module.css';

interface CaseFiltersProps {
  readonly filter: CaseFilter;
  readonly onChange: (filter: CaseFilter) => void;
}

/** Mine or all, which state, overdue or not. */
export function CaseFilters({ filter, onChange }: CaseFiltersProps) {
  const { t } = useTranslation('cases');
  return (
    <search className={styles.filters}>
      <Segmented
        aria-label={t('scope')}
        value={filter.isMine ? 'mine' : 'all'}
        options={[
          { value: 'mine', label: t('mine') },
          { value: 'all', label: t('all') },
        ]}
        onChange={(scope) => onChange({ ...filter, isMine: scope === 'mine' })}
      />
      <Select
        className={styles.state ?? ''}
        aria-label={t('stateFilter')}
        value={filter.state}
        options={[
          { value: 'open' as const, label: t('open') },
          { value: 'any' as const, label: t('anyState') },
          ...CASE_STATES.map((state) => ({ value: state, label: t(`state.${state}`) })),
        ]}
        onChange={(state) => onChange({ ...filter, state })}
      />
      <Checkbox
        checked={filter.isOverdueOnly}
        onChange={({ target }) => onChange({ ...filter, isOverdueOnly: target.checked })}
      >
        {t('overdueOnly')}
      </Checkbox>
    </search>
  );
}
