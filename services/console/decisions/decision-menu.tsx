import { EllipsisOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Decision } from './decisions-for.ts';

const KEYS: Readonly<Record<Decision, string>> = { shelve: 'S', takeOut: 'O', join: 'J', split: 'X' };

interface DecisionMenuProps {
  /** Those that the happening and the account allow. */
  readonly decisions: readonly Decision[];
  readonly onChoose: (decision: Decision) => void;
}

/** What else can be done about a happening. */
export function DecisionMenu({ decisions, onChoose }: DecisionMenuProps) {
  const { t } = useTranslation('operator');
  const items = decisions.map((decision) => ({
    key: decision,
    label: `${t(decision)} (${KEYS[decision]})`,
    onClick: () => onChoose(decision),
  }));
  if (items.length === 0) return null;
  return (
    <Dropdown menu={{ items }} trigger={['click']}>
      <Button size="large" icon={<EllipsisOutlined />}>
        {t('more')}
      </Button>
    </Dropdown>
  );
}
