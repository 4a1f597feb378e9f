import type { RetentionClass } from '@dipper/contract/events';
import type { Generated, Kysely, Selectable } from 'kysely';
import type { Database } from '../database/schema.ts';

type Counts = { hour: Date; estate: string; type: string; device: string | null; events: string };

/** Columns of migration 0003: what is kept, counted, and gone. */
export type RetentionTables = {
  readonly 'dipper.device_sample': DeviceSampleTable;
  readonly 'dipper.event_count_face': Counts;
  readonly 'dipper.event_count_passage': Counts;
  readonly 'dipper.event_count_device': Counts;
  readonly 'dipper.event_count_scene': Counts;
  readonly 'dipper.history_count': { retention: RetentionClass; counted_until: Date };
  readonly 'dipper.history_late_hour': {
    retention: RetentionClass;
    hour: Date;
    agent: string;
    refresh: string | null;
  };
  readonly 'dipper.history_job': JobTable;
  readonly 'dipper.deletion': DeletionTable;
};

/** The hub's database with what is described here. */
export type RetentionDb = Kysely<Database & RetentionTables>;

export type DeviceSampleTable = {
  id: Generated<string>;
  device: string;
  agent: string;
  estate: string;
  kind: string;
  at: Date;
  message: unknown;
};

export type JobTable = {
  class: string;
  holder: string | null;
  held_until: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  next_at: Date | null;
  error: string | null;
  /** int8 comes as text. */
  bytes: string | null;
};

export type DeletionTable = {
  id: string;
  ordinal: Generated<string>;
  class: string;
  subject: string;
  reason_zh: string;
  reason_en: string;
  keep_days: number;
  from_at: Date;
  until_at: Date;
  rows: string;
  sha256: Buffer;
  at: Date;
};

export type DeletionRow = Selectable<DeletionTable>;
