-- Grafana reads the days and hours that are counted by segment, and counts from visits and events only what is in none.

-- Loads and errors of a counted stretch by what the events themselves say: their device (errors say none) and the widget's version.
create table leadlight.segment_versions (
  tenant_id uuid not null,
  starts timestamptz not null,
  device text,
  widget_version text,
  widget_loaded integer not null,
  widget_error integer not null,
  load_ms numeric not null,
  foreign key (tenant_id, starts) references leadlight.segmented_stretches on delete cascade
);
create index on leadlight.segment_versions (tenant_id, starts);

grant select (widget_version) on leadlight.events to leadlight_rollup;

alter table leadlight.segment_versions enable row level security, force row level security;
create policy rollup on leadlight.segment_versions to leadlight_rollup using (true) with check (true);
grant select, insert, delete on leadlight.segment_versions to leadlight_rollup;

-- what was counted without them is counted again; the owner sees no counts
set local role leadlight_rollup;
delete from leadlight.segmented_stretches;
reset role;

create policy views on leadlight.segmented_stretches for select to leadlight_views using (true);
create policy views on leadlight.segment_counts for select to leadlight_views using (true);
create policy views on leadlight.segment_versions for select to leadlight_views using (true);
grant select on leadlight.segmented_stretches, leadlight.segment_counts, leadlight.segment_versions to leadlight_views;

/* The values of a histogram of `leadlight.histogram`, each the (geometric) middle of its bucket, and how often there is one. */
create function leadlight.read_histogram(histogram numeric) returns table (ms float8, count bigint)
  language sql immutable strict parallel safe
begin atomic
  select case bucket when 0 then 0.5 else 2 ^ ((bucket - 0.5) / 8) end, digits::bigint
  from
    (select histogram::text as all_digits) as text,
    generate_series(0, (length(all_digits) - 1) / 12) as bucket,
    lateral (select right(left(all_digits, length(all_digits) - 12 * bucket), 12) as digits) as part
  where digits::bigint > 0;
end;

create view dashboards.counted_stretches as
select tenant_id, t.name as tenant_name, starts, ends
from leadlight.segmented_stretches
join leadlight.tenants t using (tenant_id);

create view dashboards.visit_counts as
select
  tenant_id, tenant_name, starts, ends, grouped_by, loaded, device, source, page,
  sessions, failed, opened, opened_estimate, opened_lead, opened_quote
from leadlight.segment_counts
join dashboards.counted_stretches using (tenant_id, starts);

create view dashboards.version_counts as
select tenant_id, tenant_name, starts, ends, device, widget_version, widget_loaded, widget_error, load_ms
from leadlight.segment_versions
join dashboards.counted_stretches using (tenant_id, starts);

-- Displaced are events whose corrected time is in another quarter hour than their id's: an index finds those.
create or replace view dashboards.loads as
select
  e.tenant_id,
  t.name as tenant_name,
  e.id as event_id,
  e.occurred_at,
  e.properties ->> 'device' as device,
  e.widget_version,
  (e.properties ->> 'load_ms')::float8 / 1000 as load_seconds,
  leadlight.quarter_of(e.occurred_at) <> leadlight.quarter_of(uuid_extract_timestamp(e.id)) as displaced
from leadlight.events e
join leadlight.tenants t using (tenant_id)
where e.type = 'widget_loaded';

create or replace view dashboards.errors as
select
  e.tenant_id,
  t.name as tenant_name,
  e.id as event_id,
  e.occurred_at,
  e.session_id,
  replace(e.trace_id::text, '-', '') as trace_id,
  e.page,
  e.widget_version,
  e.properties ->> 'error_type' as error_type,
  e.properties ->> 'source' as source,
  e.properties ->> 'operation' as operation,
  leadlight.quarter_of(e.occurred_at) <> leadlight.quarter_of(uuid_extract_timestamp(e.id)) as displaced
from leadlight.events e
join leadlight.tenants t using (tenant_id)
where e.type = 'widget_error';

grant create on schema dashboards to leadlight_views;
alter view dashboards.counted_stretches owner to leadlight_views;
alter view dashboards.visit_counts owner to leadlight_views;
alter view dashboards.version_counts owner to leadlight_views;
revoke create on schema dashboards from leadlight_views;
grant select on dashboards.counted_stretches, dashboards.visit_counts, dashboards.version_counts to leadlight_dashboards;

/* Each tenant's stretches of time between `first` and `past` that are in no counted one. */
create function dashboards.uncounted(first timestamptz, past timestamptz)
  returns table (tenant_id uuid, starts timestamptz, ends timestamptz)
  language sql stable parallel safe
begin atomic
  select tenant_id, starts, ends
  from (
    select
      tenant_id,
      lag(midnight.ends, 1, first) over (partition by tenant_id order by midnight.starts) as starts,
      midnight.starts as ends
    from (
      select day.tenant_id, day.starts, day.ends from dashboards.counted_stretches as day where day.starts >= first and day.ends <= past
      union all
      select tenant.tenant_id, past, null from dashboards.tenants as tenant
    ) as midnight
  ) as stretch
  where stretch.starts < stretch.ends;
end;

/* Visits that began from `first` until before `past` by their device, source or page: each row a counted stretch's or one visit. */
create function dashboards.visits_by(dimension text, first timestamptz, past timestamptz)
  returns table (tenant_id uuid, value text, loaded boolean, visits integer, failed integer, opened integer, opened_lead integer, opened_quote integer)
  language sql stable parallel safe
begin atomic
  select
    day.tenant_id, coalesce(day.device, day.source, day.page), day.loaded,
    day.sessions, day.failed, day.opened, day.opened_lead, day.opened_quote
  from dashboards.visit_counts as day
  where day.grouped_by = dimension and day.sessions > 0 and day.starts >= first and day.ends <= past
  union all
  select
    stretch.tenant_id, case dimension when 'device' then visit.device when 'source' then visit.source when 'page' then visit.page end, visit.loaded,
    1, visit.failed::int, visit.opened::int, (visit.opened and visit.lead)::int, (visit.opened and visit.quote)::int
  from
    dashboards.uncounted(first, past) as stretch,
    lateral (
      select visit.device, visit.source, visit.page, visit.loaded, visit.failed, visit.opened, visit.lead, visit.quote
      from dashboards.visits as visit
      where visit.tenant_id = stretch.tenant_id
        and visit.session_id >= dashboards.uuid_floor(stretch.starts) and visit.session_id < dashboards.uuid_floor(stretch.ends)
        -- says nothing new, but lets the planner leave out all other days
        and visit.session_id >= dashboards.uuid_floor(first) and visit.session_id < dashboards.uuid_floor(past)
      -- a fence: each stretch is looked up by its key, however many the planner thinks there are
      offset 0
    ) as visit;
end;

/* Loads and errors from `first` until before `past`, of all tenants: a load's time is the one measured, or in counted
   stretches the middle of its bucket. */
create function dashboards.loads_and_errors(first timestamptz, past timestamptz)
  returns table (device text, widget_version text, load_seconds float8, loads bigint, errors bigint)
  language sql stable parallel safe
begin atomic
  with counted as materialized (
    select day.device, day.widget_version, sum(day.load_ms) as load_ms, sum(day.widget_error) as errors
    from dashboards.version_counts as day
    where day.starts >= first and day.ends <= past
    group by 1, 2
  ), stretch as materialized (
    select * from dashboards.uncounted(first, past)
  )
  select counted.device, counted.widget_version, load.ms / 1000, load.count, 0
  from counted, lateral leadlight.read_histogram(counted.load_ms) as load
  union all
  select counted.device, counted.widget_version, null, 0, counted.errors from counted where counted.errors > 0
  union all
  select load.device, load.widget_version, load.load_seconds, 1, 0
  from stretch,
    lateral (
      select load.device, load.widget_version, load.load_seconds
      from dashboards.loads as load
      where load.tenant_id = stretch.tenant_id and not load.displaced
        and load.occurred_at >= stretch.starts and load.occurred_at < stretch.ends
        and load.event_id >= dashboards.uuid_floor(leadlight.quarter_of(stretch.starts))
        and load.event_id < dashboards.uuid_floor(leadlight.quarter_of(stretch.ends) + interval '15 minutes')
        and load.event_id >= dashboards.uuid_floor(leadlight.quarter_of(first))
        and load.event_id < dashboards.uuid_floor(leadlight.quarter_of(past) + interval '15 minutes')
      offset 0
    ) as load
  union all
  select load.device, load.widget_version, load.load_seconds, 1, 0
  from stretch,
    lateral (
      select load.device, load.widget_version, load.load_seconds
      from dashboards.loads as load
      -- without the stretch's own range of ids, which would look narrower than the index of displaced events
      where load.tenant_id = stretch.tenant_id and load.displaced
        and load.occurred_at >= stretch.starts and load.occurred_at < stretch.ends
        and load.event_id >= dashboards.uuid_floor(first - interval '8 days')
        and load.event_id < dashboards.uuid_floor(past + interval '2 days')
      offset 0
    ) as load
  union all
  select null, error.widget_version, null, 0, 1
  from stretch,
    lateral (
      select error.widget_version
      from dashboards.errors as error
      where error.tenant_id = stretch.tenant_id
        and error.occurred_at >= stretch.starts and error.occurred_at < stretch.ends
        and error.event_id >= dashboards.uuid_floor(stretch.starts - interval '8 days')
        and error.event_id < dashboards.uuid_floor(stretch.ends + interval '2 days')
        and error.event_id >= dashboards.uuid_floor(first - interval '8 days')
        and error.event_id < dashboards.uuid_floor(past + interval '2 days')
      offset 0
    ) as error;
end;
