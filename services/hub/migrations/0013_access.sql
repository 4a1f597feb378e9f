-- Who gets in, and what is told of secrets.

-- The path of a webhook's address may be its secret, as its query may: the place stays, the rest is no longer shown.
update dipper.webhook set shown_url = regexp_replace(shown_url, '^([a-z]+://[^/?]+)/.+$', '\1/…');
comment on column dipper.webhook.shown_url is 'Where the address leads: its scheme, host and port.';

alter table dipper.api_token add column held_at timestamptz;
comment on column dipper.api_token.held_at is 'Since when it is not in force: a restore brought it back, and its owner has not said that it still counts.';

-- What strangers send in, counted for all copies of the hub together.

create table dipper.report_attempt (
  key   text primary key,
  since timestamptz not null,
  count integer not null
);
comment on column dipper.report_attempt.key is 'SHA-256 of an address.';
create index report_attempt_since on dipper.report_attempt (since);
