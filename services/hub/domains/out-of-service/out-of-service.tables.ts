import type { Generated, Selectable } from 'kysely';

/** Columns of migration 0006: devices under maintenance and rules switched off. */
export type OutOfServiceTables = {
  'dipper.out_of_service': OutOfServiceTable;
};

export type OutOfServiceTable = {
  id: string;
  /** Either a device or a rule. */
  device: string | null;
  rule: string | null;
  estate: string | null;
  place: string | null;
  reason: string;
  started_at: Date;
  started_by: string;
  until_at: Date | null;
  ended_at: Date | null;
  ended_by: string | null;
  end_note: string | null;
  silenced: Generated<number>;
};
export type OutOfServiceRow = Selectable<OutOfServiceTable>;
