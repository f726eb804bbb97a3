-- Who is connected to this database, and how long the oldest transaction has been open: told to the service's own metrics.

-- As its owner: that login sees its own sessions, and everyone's where it is a member of pg_read_all_stats.
create function leadlight.activity() returns table (state text, connections integer, longest_transaction_seconds float8)
  language sql stable security definer set search_path = pg_catalog
as $$
  select
    case
      when state in ('active', 'fastpath function call') then 'active'
      when state = 'idle' then 'idle'
      when state like 'idle in transaction%' then 'idle_in_transaction'
      else 'other'
    end,
    count(*)::integer,
    coalesce(extract(epoch from clock_timestamp() - min(xact_start)), 0)::float8
  from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
  group by 1
$$;
revoke all on function leadlight.activity() from public;
grant execute on function leadlight.activity() to leadlight_ingest;
