import type { Generated } from 'kysely';

/** Columns of migration 0006: how people regrouped alarms; the database refuses to change or delete a row. */
export type RegroupingTables = {
  'dipper.incident_transition': {
    id: Generated<string>;
    incident: string;
    what: 'joined' | 'split';
    other: string;
    alarms: string[];
    moves_case: boolean;
    at: Date;
    by: string;
    reason: string;
  };
};
