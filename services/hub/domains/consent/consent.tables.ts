import type { EventData } from '@dipper/contract/events';
import type { EnrolmentAdvice } from '@dipper/contract/events/face';
import type { ColumnType, Generated, Selectable } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;
/** The database makes it of other columns. */
type Computed<T> = ColumnType<T, never, never>;
/** Written when an edge tells of it. */
type Told<T> = ColumnType<T | null, never, T | null>;

/** Of migrations 0019 and 0023. */
export type ConsentTables = {
  readonly 'dipper.impact_assessment': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    estate: Fixed<string>;
    title: Fixed<string>;
    document: Fixed<string>;
    valid_until: Fixed<Date>;
    filed_at: Fixed<Date>;
    filed_by: Fixed<string>;
    ended_at: ColumnType<Date | null, never, Date>;
    ended_by: ColumnType<string | null, never, string>;
    over_at: Computed<Date>;
  };
  readonly 'dipper.face_consent': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    holder: Fixed<string>;
    estate: Fixed<string>;
    purpose: Fixed<'estate-access'>;
    notice_version: Fixed<string>;
    access_points: Fixed<string[]>;
    how: Fixed<'in-person' | 'paper'>;
    is_minor: Fixed<boolean>;
    guardian: Fixed<string | null>;
    guardian_proof: Fixed<string | null>;
    given_at: Fixed<Date>;
    recorded_by: Fixed<string>;
    valid_until: Fixed<Date>;
    withdrawn_at: ColumnType<Date | null, never, Date>;
    withdrawn_by: ColumnType<string | null, never, string>;
    withdrawn_reason: ColumnType<string | null, never, string | null>;
    ended_at: Computed<Date>;
  };
  readonly 'dipper.face_enrolment': {
    id: Fixed<string>;
    consent: Fixed<string>;
    device: Fixed<string>;
    agent: Fixed<string>;
    access_point: Fixed<string>;
    asked_at: Fixed<Date>;
    asked_by: Fixed<string>;
    state: Told<EventData<'face.enrolment'>['state']>;
    good_frames: Told<number>;
    code: Told<string>;
    advice: Told<EnrolmentAdvice>;
    told_at: Told<Date>;
    done_at: Told<Date>;
  };
  readonly 'dipper.face_erasure': {
    event: Fixed<string>;
    consent: Fixed<string>;
    holder: Fixed<string>;
    agent: Fixed<string>;
    reason: Fixed<string>;
    erased_at: Fixed<Date>;
    occurred_at: Fixed<Date>;
    is_signed: Fixed<boolean>;
    received_at: Fixed<Date>;
  };
};

export type ConsentRow = Selectable<ConsentTables['dipper.face_consent']>;
export type EnrolmentRow = Selectable<ConsentTables['dipper.face_enrolment']>;
export type AssessmentRow = Selectable<ConsentTables['dipper.impact_assessment']>;
