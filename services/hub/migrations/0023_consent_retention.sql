-- Proof of consent, of its withdrawal and of the deletion that followed is kept for a while and then goes too, as exports of
-- recordings do. What edges tell of a consent is taken in when it comes: events do not last as long.

alter table dipper.face_consent
  add column ended_at timestamptz generated always as (least(withdrawn_at, valid_until)) stored;
comment on column dipper.face_consent.ended_at is 'From then on nobody may be recognised on its ground; in the future while it counts. Its retention is counted from it.';
create index face_consent_age on dipper.face_consent (ended_at, id);

alter table dipper.face_enrolment
  add column state text,
  add column good_frames integer,
  add column code text,
  add column advice text,
  add column told_at timestamptz,
  add column done_at timestamptz;
comment on column dipper.face_enrolment.state is 'How the edge last said it stands; null before it said anything.';
comment on column dipper.face_enrolment.code is 'Why it failed, or what is in the way: an error code.';
comment on column dipper.face_enrolment.advice is 'What the resident can do next.';
comment on column dipper.face_enrolment.told_at is 'When that was, by the time of the event.';
comment on column dipper.face_enrolment.done_at is 'When the edge last made a template; null where it made none.';

alter table dipper.face_erasure add column occurred_at timestamptz;
comment on column dipper.face_erasure.occurred_at is 'Of the event, by the clock that tells enrolments apart from it; erased_at is what the edge signed.';
update dipper.face_erasure set occurred_at = erased_at;
alter table dipper.face_erasure alter column occurred_at set not null;

alter table dipper.impact_assessment
  add column over_at timestamptz generated always as (least(ended_at, valid_until)) stored;
comment on column dipper.impact_assessment.over_at is 'From then on it counts no more; its retention is counted from it.';
create index impact_assessment_age on dipper.impact_assessment (over_at, id);

create index recording_export_age on dipper.recording_export (requested_at, id);

-- What edges have told so far. The history of passages is long: it is read only where somebody was enrolled at all.
do $$
begin
  if exists (select from dipper.face_enrolment) then
    update dipper.face_enrolment enrolment
       set state = last.data ->> 'state', good_frames = (last.data ->> 'goodFrames')::integer, code = last.data ->> 'code',
           told_at = last.occurred_at, done_at = last.done_at
      from (select distinct on (correlation) correlation, data, occurred_at,
                   max(occurred_at) filter (where data ->> 'state' = 'done') over (partition by correlation) as done_at
              from dipper.event_passage where type = 'face.enrolment' and correlation is not null
             order by correlation, occurred_at desc, sequence desc) last
     where last.correlation = enrolment.id;
  end if;
end
$$;
