-- Consent to be recognised by one's face, and what it rests on. Neither a picture nor a template of a face is in any table.

create table dipper.impact_assessment (
  id          uuid primary key,
  ordinal     bigint generated always as identity unique,
  estate      text not null references dipper.estate,
  title       text not null,
  document    text not null,
  valid_until timestamptz not null,
  filed_at    timestamptz not null,
  filed_by    text not null,
  ended_at    timestamptz,
  ended_by    text
);
comment on table dipper.impact_assessment is 'That the effect on people was assessed (个人信息保护法 art. 55); without a current one nobody is recognised in the estate.';
comment on column dipper.impact_assessment.document is 'Where the assessment itself is: its number or address. It is not kept here.';

create table dipper.face_consent (
  id               uuid primary key,
  ordinal          bigint generated always as identity unique,
  holder           uuid not null references dipper.access_holder,
  estate           text not null,
  purpose          text not null,
  notice_version   text not null,
  access_points    text[] not null check (cardinality(access_points) > 0),
  how              text not null check (how in ('in-person', 'paper')),
  is_minor         boolean not null,
  guardian         text,
  guardian_proof   text,
  given_at         timestamptz not null,
  recorded_by      text not null,
  valid_until      timestamptz not null,
  withdrawn_at     timestamptz,
  withdrawn_by     text,
  withdrawn_reason text,
  check (not is_minor or (guardian is not null and guardian_proof is not null)),
  check (valid_until > given_at)
);
comment on column dipper.face_consent.notice_version is 'Which text was shown to whoever consented.';
comment on column dipper.face_consent.is_minor is 'Under fourteen: then a guardian consents (个人信息保护法 art. 31), and how that was proven is noted.';
create index face_consent_holder on dipper.face_consent (holder);
create unique index face_consent_current on dipper.face_consent (holder) where withdrawn_at is null;

create table dipper.face_enrolment (
  id           uuid primary key,
  consent      uuid not null references dipper.face_consent,
  device       text not null,
  agent        text not null,
  access_point text not null,
  asked_at     timestamptz not null,
  asked_by     text not null
);
comment on table dipper.face_enrolment is 'Each attempt to enrol somebody at a camera; how it went is told by the events face.enrolment with its id.';
create index face_enrolment_consent on dipper.face_enrolment (consent);

create table dipper.face_erasure (
  event       uuid primary key,
  consent     uuid not null,
  holder      uuid not null,
  agent       text not null,
  reason      text not null,
  erased_at   timestamptz not null,
  is_signed   boolean not null,
  received_at timestamptz not null
);
comment on table dipper.face_erasure is 'Receipts of edges that erased a template, copied from their events, which do not last as long.';
comment on column dipper.face_erasure.is_signed is 'Whether the signature under the credential key of that agent was right.';
create index face_erasure_consent on dipper.face_erasure (consent);
