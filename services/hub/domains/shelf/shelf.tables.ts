import type { Generated, Selectable } from 'kysely';

/** Columns of migration 0006: alarms that are set aside for a while. */
export type ShelfTables = {
  'dipper.alarm_shelf': ShelfTable;
};

export type ShelfTable = {
  id: string;
  rule: string;
  key: string;
  alarm: string;
  estate: string;
  place: string | null;
  reason: string;
  shelved_at: Date;
  shelved_by: string;
  until_at: Date;
  ended_at: Date | null;
  ended_by: string | null;
  end_note: string | null;
  silenced: Generated<number>;
};
export type ShelfRow = Selectable<ShelfTable>;
