import type { Priority } from '@dipper/contract/api/alarm';
import type {
  CaseRequestAction,
  CaseSource,
  CaseState,
  CaseStepAction,
  Platform,
  Satisfaction,
} from '@dipper/contract/api/case';
import type { ColumnType, Generated, Insertable, Selectable } from 'kysely';

/** What waits for an approval, as it is kept. */
export interface PendingRequest {
  readonly action: CaseRequestAction;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly note: string | null;
  readonly until: string | null;
}

/** Columns of migrations 0001, 0007 and 0015. */
export interface GridCaseTable {
  id: string;
  number: string;
  title_zh: string;
  title_en: string;
  text: string | null;
  category: string;
  platform: Platform;
  priority: Priority;
  source: CaseSource;
  state: CaseState;
  version: Generated<number>;
  round: Generated<number>;
  steps: Generated<number>;
  estate: string | null;
  place: string | null;
  grid: string | null;
  incident: string | null;
  assignee: string | null;
  first_handler: string | null;
  leader: string | null;
  opened_at: Date;
  allowed_hours: number | null;
  allowed_days: number | null;
  deadline_at: Date;
  suspended_at: Date | null;
  supervised_at: Date | null;
  closed_at: Date | null;
  merged_into: string | null;
  request: ColumnType<PendingRequest | null, string | null, string | null>;
  satisfaction: Satisfaction | null;
  opened_key: string | null;
  report_code_sha256: Buffer | null;
  has_words: Generated<boolean>;
}

/** The database refuses to change or delete a row. */
export interface CaseStepTable {
  id: string;
  grid_case: string;
  ordinal: number;
  action: CaseStepAction;
  from_state: CaseState | null;
  to_state: CaseState;
  round: number;
  by: string;
  note: string | null;
  assignee: string | null;
  at: Date;
  taken_at: Date;
  clamped: boolean;
  request: CaseRequestAction | null;
  until: Date | null;
  deadline_at: Date;
  other: string | null;
  attachment: string | null;
  rating: Satisfaction | null;
  key: string | null;
}

/** What the clock does to a case. */
export type CaseTimerKind = 'remind' | 'escalate' | 'entrust';

export interface CaseAttachmentTable {
  id: string;
  grid_case: string;
  mime: 'image/jpeg' | 'image/png' | 'image/webp';
  bytes: number;
  width_px: number;
  height_px: number;
  sha256: Buffer;
  latitude_deg: number | null;
  longitude_deg: number | null;
  by: string;
  at: Date;
  key: string | null;
}

export type CaseTables = {
  'dipper.case_number': { day: string; last: number };
  'dipper.grid_case': GridCaseTable;
  'dipper.case_step': CaseStepTable;
  'dipper.case_timer': { grid_case: string; kind: CaseTimerKind; due_at: Date };
  'dipper.case_attachment': CaseAttachmentTable;
};

export type GridCaseRow = Selectable<GridCaseTable>;
export type NewGridCaseRow = Insertable<GridCaseTable>;
export type CaseStepRow = Selectable<CaseStepTable>;
export type CaseAttachmentRow = Selectable<CaseAttachmentTable>;
