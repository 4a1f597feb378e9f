import type { Selectable } from 'kysely';

/** Columns of migration 0006: what one shift leaves for the next to know. */
export type HandoverTables = {
  'dipper.handover_note': HandoverNoteTable;
};

export type HandoverNoteTable = {
  id: string;
  estate: string | null;
  text: string;
  written_at: Date;
  written_by: string;
};
export type HandoverNoteRow = Selectable<HandoverNoteTable>;
