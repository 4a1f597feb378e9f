import type { HolderView } from '@dipper/contract/api/holder';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useResidents } from './use-passes.ts';

interface ResidentSelectProps {
  /** Undefined: of all estates. */
  readonly estate?: string | undefined;
  /** Given by the form around it. */
  readonly id?: string;
  readonly value?: string;
  readonly onChange?: (id: string | undefined) => void;
  readonly onChosen?: (resident: HolderView | undefined) => void;
}

/** Finds a resident by a part of their name, unit or plate. */
export function ResidentSelect({ estate, id, value, onChange, onChosen }: ResidentSelectProps) {
  const { t } = useTranslation('passes');
  const [q, setQ] = useState('');
  const { data: residents, isFetching } = useResidents(estate, q);
  return (
    <Select
      {...(id !== undefined && { id })}
      {...(value !== undefined && { value })}
      allowClear
      showSearch={{ filterOption: false, onSearch: (text) => setQ(text.trim()) }}
      loading={isFetching}
      placeholder={t('hostHint')}
      notFoundContent={q === '' ? null : t('noneFound')}
      options={(residents ?? []).map(({ id: resident, name, unit }) => ({
        value: resident,
        label: unit === null ? name : `${name} · ${unit}`,
      }))}
      onChange={(chosen?: string) => {
        onChange?.(chosen);
        onChosen?.(residents?.find((each) => each.id === chosen));
      }}
    />
  );
}
