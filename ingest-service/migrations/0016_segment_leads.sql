-- The leads of a tenant's counted days by segment and trace: for lists with a filter, whose lead may be one in a hundred thousand.

create table leadlight.segment_leads (
  tenant_id uuid not null,
  starts timestamptz not null,
  event_id uuid not null,
  trace_id uuid,
  device text,
  source text,
  page text,
  foreign key (tenant_id, starts) references leadlight.segmented_days on delete cascade
);
-- newest first, until a page is full
create index on leadlight.segment_leads (tenant_id, event_id);
create index on leadlight.segment_leads (tenant_id, starts);

grant select (trace_id) on leadlight.events to leadlight_rollup;

alter table leadlight.segment_leads enable row level security, force row level security;
create policy rollup on leadlight.segment_leads to leadlight_rollup using (true) with check (true);
grant select, insert, delete on leadlight.segment_leads to leadlight_rollup;
create policy reader on leadlight.segment_leads for select to leadlight_reader
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on leadlight.segment_leads to leadlight_reader;

-- days that were counted without them are counted again
delete from leadlight.segmented_days;

/* The bucket of a duration in the histograms below: bucket 0 is below 1 ms, from there on eight buckets double the duration. */
create function leadlight.bucket(ms float8) returns integer
  language sql immutable strict parallel safe
  return case when ms < 1 then 0 else 1 + floor(8 * ln(ms) / ln(2::float8))::int end;

create or replace function leadlight.histogram(ms float8) returns numeric
  language sql immutable strict parallel safe
  return ('1e' || (12 * leadlight.bucket(ms))::text)::numeric;
