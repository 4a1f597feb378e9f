-- Places that were imported, where they lie on the map, and who is on duty where and when.

alter table dipper.subdistrict add column source text not null default 'file' check (source in ('file', 'import'));
alter table dipper.community   add column source text not null default 'file' check (source in ('file', 'import'));
alter table dipper.grid        add column source text not null default 'file' check (source in ('file', 'import')),
                               add column boundary jsonb;
alter table dipper.estate      add column source text not null default 'file' check (source in ('file', 'import'));
alter table dipper.agent       add column source text not null default 'file' check (source in ('file', 'import'));
alter table dipper.place       add column source text not null default 'file' check (source in ('file', 'import')),
                               add column latitude_deg double precision,
                               add column longitude_deg double precision;
alter table dipper.device      add column source text not null default 'file' check (source in ('file', 'import'));
comment on column dipper.place.source is 'file: as the places file says at each start; import: as the latest import says, whatever the file says.';
comment on column dipper.grid.boundary is 'GeoJSON geometry (RFC 7946), Polygon or MultiPolygon, WGS 84; null where nobody has drawn it.';
comment on column dipper.place.latitude_deg is 'WGS 84.';

create table dipper.import (
  id      bigint generated always as identity primary key,
  at      timestamptz not null default now(),
  by      text not null,
  files   jsonb not null,
  changes integer not null
);
comment on table dipper.import is 'Imports that changed something. The highest id tells copies of the hub that places are not what they were.';
comment on column dipper.import.by is 'Account name; command where it came from the command line.';
comment on column dipper.import.files is 'Names and SHA-256.';

create table dipper.imported_account (
  account_id uuid primary key references dipper.account (id)
);
comment on table dipper.imported_account is 'Accounts that came with a list of staff: only these does a later list take away.';

create table dipper.duty (
  id       text primary key,
  grid     text not null references dipper.grid (id),
  account  text not null,
  platform text,
  weekdays text[],
  on_date  date,
  off      boolean not null default false,
  span     text,
  from_date date,
  until_date date,
  check ((weekdays is null) <> (on_date is null)),
  check (off = (span is null))
);
comment on table dipper.duty is 'Who is on duty where: by the week, or on one date. Dates and times are those of Asia/Shanghai.';
comment on column dipper.duty.id is 'Made of everything it says: the same line twice is one.';
comment on column dipper.duty.off is 'Not on duty on that date, whatever the week says.';
comment on column dipper.duty.span is '08:00-18:00; over midnight it belongs to the day on which it begins.';
comment on column dipper.duty.from_date is 'First date on which the weekly line holds; null: ever.';
comment on column dipper.duty.until_date is 'Last date on which it holds; null: ever.';
create index duty_grid on dipper.duty (grid);
