-- From which origins a tenant's key was used, to say "we have seen your site" and "this one is not on your list".

create table leadlight.origin_sightings (
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  origin text not null check (length(origin) <= 300),
  -- of the last event taken from there; null where none ever was
  last_event_at timestamptz,
  widget_version text,
  last_refused_at timestamptz,
  primary key (tenant_id, origin)
);
grant select, insert, update, delete on leadlight.origin_sightings to leadlight_ingest;
