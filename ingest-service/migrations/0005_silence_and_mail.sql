-- What one replica looks after for all tenants: who has fallen silent, and who was sent last week's numbers.

-- Tenants whose visitors are expected now by their own baseline, and those that fell silent and were not heard of since.
create table leadlight.tenant_silence (
  tenant_id uuid primary key references leadlight.tenants on delete cascade,
  expected_loads integer not null,
  silent boolean not null,
  since timestamptz not null
);

create table leadlight.mail_addresses (
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  address text not null,
  primary key (tenant_id, address)
);

-- One row for each mail that is due or was sent; `week` is the Monday of the week it tells of.
create table leadlight.weekly_mails (
  tenant_id uuid not null references leadlight.tenants on delete cascade,
  week date not null,
  due_at timestamptz not null,
  attempts integer not null default 0,
  tried_at timestamptz,
  sent_at timestamptz,
  primary key (tenant_id, week)
);
create index on leadlight.weekly_mails (due_at) where sent_at is null;

grant select on leadlight.tenants to leadlight_rollup;
grant select, insert, update on leadlight.jobs to leadlight_rollup;
grant select, insert, update, delete on leadlight.tenant_silence to leadlight_rollup;
grant select on leadlight.tenant_silence to leadlight_ingest;
grant select on leadlight.mail_addresses to leadlight_rollup;
grant select, insert, update, delete on leadlight.weekly_mails to leadlight_rollup;
