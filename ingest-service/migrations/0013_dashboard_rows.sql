-- What single visits tell the operator in Grafana: which tenants there are, visits with their steps, loads and errors.

/* For those who may not enter the service's schema: a range of time becomes a range of partitions. */
create function dashboards.uuid_floor(moment timestamptz) returns uuid
  language sql immutable strict parallel safe
  return leadlight.uuid_floor(moment);

create view dashboards.tenants as
select tenant_id, name as tenant_name, time_zone, disabled_at is not null as disabled
from leadlight.tenants;

create view dashboards.visits as
select
  s.tenant_id,
  t.name as tenant_name,
  s.session_id,
  s.device,
  s.source,
  s.page,
  s.loaded_at is not null as loaded,
  s.opened_at is not null as opened,
  s.estimate_at is not null as estimate,
  s.lead_at is not null as lead,
  s.quote_at is not null as quote,
  s.error_at is not null as failed
from leadlight.sessions s
join leadlight.tenants t using (tenant_id);

create view dashboards.loads as
select
  e.tenant_id,
  t.name as tenant_name,
  e.id as event_id,
  e.occurred_at,
  e.properties ->> 'device' as device,
  e.widget_version,
  (e.properties ->> 'load_ms')::float8 / 1000 as load_seconds
from leadlight.events e
join leadlight.tenants t using (tenant_id)
where e.type = 'widget_loaded';

create view dashboards.errors as
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
  e.properties ->> 'operation' as operation
from leadlight.events e
join leadlight.tenants t using (tenant_id)
where e.type = 'widget_error';

grant create on schema dashboards to leadlight_views;
alter view dashboards.tenants owner to leadlight_views;
alter view dashboards.visits owner to leadlight_views;
alter view dashboards.loads owner to leadlight_views;
alter view dashboards.errors owner to leadlight_views;
revoke create on schema dashboards from leadlight_views;
grant select on dashboards.tenants, dashboards.visits, dashboards.loads, dashboards.errors to leadlight_dashboards;
