-- When somebody was last there, so that they can tell their own sessions apart.

alter table dipper.session add column last_seen_at timestamptz;
comment on column dipper.session.last_seen_at is 'To the minute; null before the first request after the sign-in.';
