-- What Grafana may read: views of all tenants for the operator, through a role that sees nothing else.

create schema dashboards;
grant usage on schema dashboards to leadlight_dashboards;
-- A view's owner reads the tables in the caller's place; under forced row-level security that cannot be the tables' owner.
grant usage, create on schema dashboards to leadlight_views;

create view dashboards.events_hourly as
select e.tenant_id, t.name as tenant_name, date_trunc('hour', e.occurred_at) as hour, e.type::text as type, count(*) as events
from leadlight.events e
join leadlight.tenants t using (tenant_id)
group by 1, 2, 3, 4;

create view dashboards.funnel_hourly as
select
  s.tenant_id,
  t.name as tenant_name,
  date_trunc('hour', uuid_extract_timestamp(s.session_id)) as hour,
  count(*) filter (where loaded_at is not null) as sessions,
  count(*) filter (where num_nulls(loaded_at, opened_at) = 0) as opened,
  count(*) filter (where num_nulls(loaded_at, opened_at, message_at) = 0) as message,
  count(*) filter (where num_nulls(loaded_at, opened_at, message_at, estimate_at) = 0) as estimate,
  count(*) filter (where num_nulls(loaded_at, opened_at, message_at, estimate_at, lead_at) = 0) as lead,
  count(*) filter (where num_nulls(loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at) = 0) as quote
from leadlight.sessions s
join leadlight.tenants t using (tenant_id)
group by 1, 2, 3;

create view dashboards.leads as
select
  e.tenant_id,
  t.name as tenant_name,
  e.id as event_id,
  e.type::text as type,
  e.occurred_at,
  e.session_id,
  replace(e.trace_id::text, '-', '') as trace_id,
  e.page
from leadlight.events e
join leadlight.tenants t using (tenant_id)
where e.type in ('lead_captured', 'quote_requested');

alter view dashboards.events_hourly owner to leadlight_views;
alter view dashboards.funnel_hourly owner to leadlight_views;
alter view dashboards.leads owner to leadlight_views;
revoke create on schema dashboards from leadlight_views;
grant select on all tables in schema dashboards to leadlight_dashboards;
