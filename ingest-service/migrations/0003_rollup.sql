-- The roll-up: one row for each tenant and UTC quarter hour, and the log of the quarter hours that must be counted (again).

do $$
begin
  create role leadlight_rollup nologin;
exception when duplicate_object or unique_violation then
  null;
end
$$;
do $$
begin
  if not pg_has_role(current_user, 'leadlight_rollup', 'set') then
    grant leadlight_rollup to current_user;
  end if;
end
$$;
grant usage on schema leadlight to leadlight_rollup;

/* The quarter hour of a moment. Every time zone in use today begins its days and hours at one. */
create function leadlight.quarter_of(moment timestamptz) returns timestamptz
  language sql immutable strict parallel safe
  return date_bin('15 minutes', moment, '2000-01-01 00:00:00+00');

/* A duration as a histogram of one value, for `sum` to add up: the count of bucket i stands at decimal place 12 i.
   Bucket 0 is below 1 ms; from there on eight buckets double the duration, so bucket i ends at 2^(i/8) ms. */
create function leadlight.histogram(ms float8) returns numeric
  language sql immutable strict parallel safe
  return ('1e' || (case when ms < 1 then 0 else 12 * (1 + floor(8 * ln(ms) / ln(2::float8))::int) end)::text)::numeric;

create table leadlight.quarter_hours (
  tenant_id uuid not null,
  quarter timestamptz not null,
  -- how often each thing happened, by `occurred_at`
  widget_loaded integer not null,
  widget_opened integer not null,
  message_sent integer not null,
  estimate_generated integer not null,
  lead_captured integer not null,
  quote_requested integer not null,
  widget_error integer not null,
  -- histograms of load_ms, response_ms and duration_ms
  load_ms numeric not null,
  message_ms numeric not null,
  estimate_ms numeric not null,
  -- sessions by their id's own time: all, and those with what the name says
  sessions integer not null,
  failed integer not null,
  opened integer not null,
  opened_estimate integer not null,
  opened_lead integer not null,
  opened_quote integer not null,
  conversations integer not null,
  messages integer not null,
  -- sessions with this step and all before it
  reached_widget_loaded integer not null,
  reached_widget_opened integer not null,
  reached_message_sent integer not null,
  reached_estimate_generated integer not null,
  reached_lead_captured integer not null,
  reached_quote_requested integer not null,
  -- A tenant's quarter hours lie among everyone's, each on a page of its own: with what summary and funnel ask for in the
  -- index, 90 days are 80 pages instead of 8,000, as long as vacuum keeps up.
  primary key (tenant_id, quarter) include (
    widget_loaded, opened, opened_estimate, opened_lead, opened_quote, conversations, messages, reached_widget_loaded,
    reached_widget_opened, reached_message_sent, reached_estimate_generated, reached_lead_captured, reached_quote_requested
  )
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);

-- One row for each group of events stored (or erased), written in their transaction: a pair of tenant and quarter hour at
-- each place of the two arrays. Appended and taken away, never updated: no writer waits for another.
create table leadlight.touched_quarter_hours (
  touched_at timestamptz not null default now(),
  tenant_ids uuid[] not null,
  quarters timestamptz[] not null
-- giving pages back would lock writers out
) with (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Events whose corrected time is in another quarter hour than their id's: where the key's range does not find them.
create index events_displaced on leadlight.events (tenant_id, occurred_at)
  where leadlight.quarter_of(occurred_at) <> leadlight.quarter_of(uuid_extract_timestamp(id));
create index events_errors on leadlight.events (tenant_id, id) include (session_id) where type = 'widget_error';
-- counting leads and those that met an error reads these two alone
drop index leadlight.events_leads;
create index events_leads on leadlight.events (tenant_id, id) include (session_id, occurred_at, type)
  where type in ('lead_captured', 'quote_requested');

alter table leadlight.quarter_hours enable row level security, force row level security;

create policy rollup on leadlight.events for select to leadlight_rollup using (true);
create policy rollup on leadlight.sessions for select to leadlight_rollup using (true);
grant select (tenant_id, id, occurred_at, type, properties) on leadlight.events to leadlight_rollup;
grant select on leadlight.sessions to leadlight_rollup;
grant select (tenant_id) on leadlight.tenants to leadlight_rollup;
create policy rollup on leadlight.quarter_hours to leadlight_rollup using (true) with check (true);
grant select, insert, update, delete on leadlight.quarter_hours to leadlight_rollup;
grant select, insert, delete on leadlight.touched_quarter_hours to leadlight_rollup;

grant insert on leadlight.touched_quarter_hours to leadlight_ingest, leadlight_eraser;
grant select (touched_at) on leadlight.touched_quarter_hours to leadlight_ingest;

create policy reader on leadlight.quarter_hours for select to leadlight_reader
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on leadlight.quarter_hours to leadlight_reader;
create policy views on leadlight.quarter_hours for select to leadlight_views using (true);
grant select on leadlight.quarter_hours to leadlight_views;
create policy eraser_select on leadlight.quarter_hours for select to leadlight_eraser using (true);
create policy eraser_delete on leadlight.quarter_hours for delete to leadlight_eraser using (true);
grant select, delete on leadlight.quarter_hours to leadlight_eraser;

-- what is stored already
set local role leadlight_rollup;
insert into leadlight.touched_quarter_hours (tenant_ids, quarters)
select array_agg(tenant_id), array_agg(quarter)
from (
  select tenant_id, leadlight.quarter_of(occurred_at) as quarter from leadlight.events
  union
  select tenant_id, leadlight.quarter_of(uuid_extract_timestamp(session_id)) from leadlight.sessions
) as pair
group by date_trunc('day', quarter, 'UTC');
reset role;
