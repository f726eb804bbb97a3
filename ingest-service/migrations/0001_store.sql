-- Tenants with their keys, and the two partitioned tables of events and sessions. Row-level security decides who reads what.

-- Roles belong to the whole server, not to one database, so a second database on it finds them there.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['leadlight_ingest', 'leadlight_reader', 'leadlight_eraser', 'leadlight_views', 'leadlight_dashboards'] loop
    begin
      execute format('create role %I nologin', role_name);
    exception when duplicate_object or unique_violation then
      null;
    end;
    if not pg_has_role(current_user, role_name, 'set') then
      execute format('grant %I to current_user', role_name);
    end if;
  end loop;
end
$$;

create schema leadlight;
grant usage on schema leadlight to leadlight_ingest, leadlight_reader, leadlight_eraser, leadlight_views;

create table leadlight.tenants (
  tenant_id uuid primary key default uuidv7(),
  name text not null check (length(name) between 1 and 200),
  time_zone text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);

create table leadlight.origins (
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  origin text not null,
  primary key (tenant_id, origin)
);

-- In clear: a site key stands on public pages and says which tenant, not who may read.
create table leadlight.site_keys (
  site_key text primary key,
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index on leadlight.site_keys (tenant_id);

create table leadlight.read_tokens (
  token_sha256 bytea primary key,
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index on leadlight.read_tokens (tenant_id);

grant select on leadlight.tenants, leadlight.origins, leadlight.site_keys, leadlight.read_tokens to leadlight_ingest;
grant select on leadlight.tenants to leadlight_views;

create type leadlight.event_type as enum (
  'widget_loaded', 'widget_opened', 'message_sent', 'estimate_generated', 'lead_captured', 'quote_requested', 'widget_error'
);

/* The smallest UUIDv7 of a moment: ranges of time become ranges of ids. */
create function leadlight.uuid_floor(moment timestamptz) returns uuid
  language sql immutable strict parallel safe
  return (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid;

-- The id carries the event's own time, so one column is identity and partition key: the same event sent again
-- on another day finds its row.
create table leadlight.events (
  tenant_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  type leadlight.event_type not null,
  trace_id uuid,
  span_id bytea,
  page text,
  widget_version text,
  properties jsonb not null,
  primary key (tenant_id, id)
) partition by range (id);
create index events_leads on leadlight.events (tenant_id, id) where type in ('lead_captured', 'quote_requested');

-- The first time of each step, which no order of arrival and no repetition can change.
create table leadlight.sessions (
  tenant_id uuid not null,
  session_id uuid not null,
  loaded_at timestamptz,
  opened_at timestamptz,
  message_at timestamptz,
  estimate_at timestamptz,
  lead_at timestamptz,
  quote_at timestamptz,
  error_at timestamptz,
  messages integer not null default 0,
  -- of the first load: where the visit came from, on what, and on which page
  device text,
  source text,
  page text,
  primary key (tenant_id, session_id)
) partition by range (session_id);

-- FORCE: the owner of the tables is bound too. Grants stand on the parents only, since a policy of the parent does not
-- hold for someone who may read a partition directly.
alter table leadlight.events enable row level security, force row level security;
alter table leadlight.sessions enable row level security, force row level security;

create policy ingest_insert on leadlight.events for insert to leadlight_ingest with check (true);
create policy ingest_select on leadlight.events for select to leadlight_ingest using (true);
create policy ingest_insert on leadlight.sessions for insert to leadlight_ingest with check (true);
create policy ingest_select on leadlight.sessions for select to leadlight_ingest using (true);
create policy ingest_update on leadlight.sessions for update to leadlight_ingest using (true) with check (true);
grant insert on leadlight.events, leadlight.sessions to leadlight_ingest;
-- what the writer's statement returns and compares, nothing more
grant select (tenant_id, id, session_id, occurred_at, type) on leadlight.events to leadlight_ingest;
grant select, update on leadlight.sessions to leadlight_ingest;

create policy reader on leadlight.events for select to leadlight_reader
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy reader on leadlight.sessions for select to leadlight_reader
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on leadlight.events, leadlight.sessions to leadlight_reader;

-- the owner itself, under FORCE, would delete nothing
create policy eraser_select on leadlight.events for select to leadlight_eraser using (true);
create policy eraser_delete on leadlight.events for delete to leadlight_eraser using (true);
create policy eraser_select on leadlight.sessions for select to leadlight_eraser using (true);
create policy eraser_delete on leadlight.sessions for delete to leadlight_eraser using (true);
grant select, delete on leadlight.events, leadlight.sessions, leadlight.tenants to leadlight_eraser;

create policy views on leadlight.events for select to leadlight_views using (true);
create policy views on leadlight.sessions for select to leadlight_views using (true);
grant select on leadlight.events, leadlight.sessions to leadlight_views;

-- Sessions that a visitor had erased: late copies of their events stay out, and a restored backup is erased again.
create table leadlight.erased_sessions (
  tenant_id uuid not null,
  session_id uuid not null,
  erased_at timestamptz not null default now(),
  primary key (tenant_id, session_id)
);
grant select on leadlight.erased_sessions to leadlight_ingest;
grant select, insert, delete on leadlight.erased_sessions to leadlight_eraser;

-- When each recurring job last did its work, so that a restart forgets nothing.
create table leadlight.jobs (
  name text primary key,
  succeeded_at timestamptz not null
);
grant select on leadlight.jobs to leadlight_ingest;

-- What one report of a browser's losses said, so that the same report is counted once.
create table leadlight.drop_reports (
  tenant_id uuid not null,
  report_id uuid not null,
  received_at timestamptz not null default now(),
  counts jsonb not null,
  primary key (tenant_id, report_id)
);
grant insert, select (tenant_id, report_id) on leadlight.drop_reports to leadlight_ingest;
grant select, delete on leadlight.drop_reports to leadlight_eraser;
