import type { AccountScope } from '@dipper/contract/api/account';
import { TreeSelect } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { usePlaceTree } from '../places/use-place-tree.ts';

interface ScopeFieldProps {
  /** Null: everywhere. */
  readonly value?: AccountScope | null;
  readonly onChange?: (scope: AccountScope | null) => void;
  readonly id?: string;
}

type Entry = AccountScope[number];
const nameOf = ({ level, id }: Entry): string => `${level} ${id}`;
function entryOf(value: string): Entry {
  const [level = '', id = ''] = value.split(' ');
  return { level: level as Entry['level'], id };
}

/** Chooses what part of the subdistrict an account is about; nothing chosen means everywhere. */
export function ScopeField({ value, onChange, id }: ScopeFieldProps) {
  const { t } = useTranslation('accounts');
  const localText = useLocalText();
  const { data: tree, isPending } = usePlaceTree();
  const nodeOf = (entry: Entry, title: string, children: object[] = []) => ({ value: nameOf(entry), title, children });
  const leavesOf = (community: string): object[] => [
    ...(tree?.grids ?? [])
      .filter((grid) => grid.community === community)
      .map((grid) => nodeOf({ level: 'grid', id: grid.id }, localText(grid.name))),
    ...(tree?.estates ?? [])
      .filter((estate) => estate.community === community)
      .map((estate) => nodeOf({ level: 'estate', id: estate.id }, localText(estate.name))),
  ];
  const treeData = (tree?.subdistricts ?? []).map((subdistrict) =>
    nodeOf(
      { level: 'subdistrict', id: subdistrict.id },
      localText(subdistrict.name),
      (tree?.communities ?? [])
        .filter((community) => community.subdistrict === subdistrict.id)
        .map((community) =>
          nodeOf({ level: 'community', id: community.id }, localText(community.name), leavesOf(community.id)),
        ),
    ),
  );
  return (
    <TreeSelect<string[]>
      {...(id === undefined ? {} : { id })}
      multiple
      allowClear
      showSearch={{ treeNodeFilterProp: 'title' }}
      loading={isPending}
      placeholder={t('everywhere')}
      treeData={treeData}
      value={(value ?? []).map(nameOf)}
      onChange={(chosen) => onChange?.(chosen.length === 0 ? null : chosen.map(entryOf))}
    />
  );
}
