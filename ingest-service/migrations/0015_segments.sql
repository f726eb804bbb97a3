-- A tenant's past days counted by segment of its visits (device, source, landing page): for questions with a filter, and breakdowns.

-- The days that are counted, each from one midnight of the tenant to the next. Whatever changes in one takes it out, with
-- its counts below: those are always right, and a day that is not here is counted from its events when somebody asks.
create table leadlight.segmented_days (
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  starts timestamptz not null,
  ends timestamptz not null,
  primary key (tenant_id, starts)
);

create table leadlight.segment_days (
  tenant_id uuid not null,
  starts timestamptz not null,
  -- what the row tells apart: all visits of the day are in the rows of each of the five
  grouped_by text not null check (grouped_by in ('nothing', 'device', 'source', 'page', 'everything')),
  -- whether the visits loaded the widget, so that those are told from the ones whose first event is all that came
  loaded boolean,
  device text,
  source text,
  page text,
  -- as in quarter_hours: events by `occurred_at`, sessions by their id's own time
  widget_loaded integer not null,
  widget_opened integer not null,
  message_sent integer not null,
  estimate_generated integer not null,
  lead_captured integer not null,
  quote_requested integer not null,
  widget_error integer not null,
  load_ms numeric not null,
  message_ms numeric not null,
  estimate_ms numeric not null,
  -- leads and quotes of visits in which something failed
  failed_leads integer not null,
  sessions integer not null,
  failed integer not null,
  opened integer not null,
  opened_estimate integer not null,
  opened_lead integer not null,
  opened_quote integer not null,
  conversations integer not null,
  messages integer not null,
  reached_widget_loaded integer not null,
  reached_widget_opened integer not null,
  reached_message_sent integer not null,
  reached_estimate_generated integer not null,
  reached_lead_captured integer not null,
  reached_quote_requested integer not null,
  foreign key (tenant_id, starts) references leadlight.segmented_days on delete cascade
);
create index on leadlight.segment_days (tenant_id, starts, grouped_by);

-- Events of visits that loaded the widget, by the hours after the tenant's midnight.
create table leadlight.segment_hours (
  tenant_id uuid not null,
  starts timestamptz not null,
  hour timestamptz not null,
  device text,
  source text,
  page text,
  widget_loaded integer not null,
  widget_opened integer not null,
  message_sent integer not null,
  estimate_generated integer not null,
  lead_captured integer not null,
  quote_requested integer not null,
  widget_error integer not null,
  foreign key (tenant_id, starts) references leadlight.segmented_days on delete cascade
);
create index on leadlight.segment_hours (tenant_id, starts);

create table leadlight.segment_errors (
  tenant_id uuid not null,
  starts timestamptz not null,
  device text,
  source text,
  page text,
  error_type text,
  error_source text,
  operation text,
  errors integer not null,
  foreign key (tenant_id, starts) references leadlight.segmented_days on delete cascade
);
create index on leadlight.segment_errors (tenant_id, starts);

-- Sessions whose events of other days now count for another segment: the first load came after them, or the first error.
create table leadlight.changed_sessions (
  tenant_id uuid not null,
  session_id uuid not null
) with (vacuum_truncate = off);
grant insert on leadlight.changed_sessions to leadlight_ingest;
grant select, delete on leadlight.changed_sessions to leadlight_rollup;

-- each session is looked up for its segment
grant select (session_id) on leadlight.events to leadlight_rollup;

do $$
declare
  name text;
begin
  foreach name in array array['segmented_days', 'segment_days', 'segment_hours', 'segment_errors'] loop
    execute format('alter table leadlight.%I enable row level security, force row level security', name);
    execute format('create policy rollup on leadlight.%I to leadlight_rollup using (true) with check (true)', name);
    execute format('grant select, insert, delete on leadlight.%I to leadlight_rollup', name);
    execute format(
      'create policy reader on leadlight.%I for select to leadlight_reader
         using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
    execute format('grant select on leadlight.%I to leadlight_reader', name);
  end loop;
end
$$;
