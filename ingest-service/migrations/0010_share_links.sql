-- Links by which a contractor shows the numbers to others: read-only, they end by themselves, and can be withdrawn.

create table leadlight.share_links (
  share_id uuid primary key default uuidv7(),
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  token_sha256 bytea not null unique,
  -- for whom, in the contractor's words
  label text not null check (length(label) <= 100),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index on leadlight.share_links (tenant_id);
grant select, insert, delete on leadlight.share_links to leadlight_ingest;
