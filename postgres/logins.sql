-- What a new PostgreSQL server begins with: the database, the service's login that owns it, and Grafana's login that reads views.

-- From here on nobody logs in as superuser over the network; inside the container `psql -U postgres` needs no password.
alter role postgres password null;

\getenv service_password POSTGRES_PASSWORD
\getenv grafana_password GRAFANA_POSTGRES_PASSWORD

create role leadlight_service login createrole password :'service_password';
-- so that its metrics know how long everyone's transactions take
grant pg_read_all_stats to leadlight_service;
create database leadlight owner leadlight_service;

-- As the service, since only who makes a role may later grant it: migrations find this one there.
set role leadlight_service;
create role leadlight_dashboards nologin;
create role leadlight_grafana login password :'grafana_password' connection limit 5 in role leadlight_dashboards;
alter role leadlight_grafana set statement_timeout = '10s';
alter role leadlight_grafana set default_transaction_read_only = on;
-- One question, one process: the others are for ingestion.
alter role leadlight_grafana set max_parallel_workers_per_gather = 0;
