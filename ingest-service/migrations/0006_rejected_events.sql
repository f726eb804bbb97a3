-- What refused events looked like, for a week, so that whoever integrates the widget can see what they send. Nothing of it is read by tenants.

create table leadlight.rejected_events (
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  -- of the event as JSON: the same one sent again is one row
  event_sha256 bytea not null,
  session_id uuid,
  reason text not null,
  detail text not null check (length(detail) <= 256),
  excerpt text not null check (length(excerpt) <= 1024),
  times integer not null default 1,
  rejected_at timestamptz not null default now(),
  primary key (tenant_id, event_sha256)
);
create index on leadlight.rejected_events (rejected_at);
grant insert, delete, select (tenant_id, event_sha256, times, rejected_at), update (times, rejected_at)
  on leadlight.rejected_events to leadlight_ingest;
grant select, delete on leadlight.rejected_events to leadlight_eraser;
