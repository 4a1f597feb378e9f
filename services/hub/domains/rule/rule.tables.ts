import type { ColumnType, Generated, Selectable } from 'kysely';

/** Columns of migration 0005: rules that people write, and every version of them. */
export type RuleTables = {
  'dipper.rule': RuleTable;
  'dipper.rule_version': RuleVersionTable;
};

export type RuleTable = {
  id: string;
  version: number;
  enabled: boolean;
  yaml: string;
  changed_at: Date;
  changed_by: string;
};
export type RuleRow = Selectable<RuleTable>;

export type RuleVersionTable = {
  id: Generated<string>;
  rule: string;
  version: ColumnType<number, number, never>;
  enabled: boolean;
  yaml: string;
  at: Date;
  by: string;
  note: string;
};
