// Who may touch what, compared with the list in grants.json: whoever grants something adds it there, where a reader sees it.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { openPool } from '../src/database.ts'
import { startService } from './service.ts'

type Grants = Record<string, Record<string, string>>

const golden = JSON.parse(readFileSync(new URL('grants.json', import.meta.url), 'utf8')) as Grants

/** Every right on a schema, relation, column or function of ours that someone else than its owner has. */
const query = `
  with object as (
    select 'schema ' || nspname as name, nspowner as owner, nspacl as acl, null as of_column
    from pg_namespace where nspname in ('leadlight', 'dashboards', 'public')
    union all
    select c.oid::regclass::text, relowner, relacl, null
    from pg_class c join pg_namespace n on n.oid = relnamespace where nspname in ('leadlight', 'dashboards', 'public')
    union all
    select c.oid::regclass::text, relowner, attacl, attname
    from pg_attribute join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
    where nspname in ('leadlight', 'dashboards', 'public') and not attisdropped
    union all
    -- without a list everyone may call it, which matters where it runs with its owner's rights
    select p.oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner)), null
    from pg_proc p join pg_namespace n on n.oid = pronamespace
    where nspname in ('leadlight', 'dashboards') and (prosecdef or proacl is not null)
  ), granted as (
    select
      case grantee when 0 then 'everyone' else grantee::regrole::text end as role, name, privilege_type, is_grantable,
      array_agg(of_column::text order by of_column) filter (where of_column is not null) as columns
    from object, aclexplode(acl)
    where grantee <> owner
    group by 1, 2, 3, 4
  )
  select role, name, string_agg(
    lower(privilege_type) || coalesce(' (' || array_to_string(columns, ', ') || ')', '')
      || case when is_grantable then ' and may grant it' else '' end,
    ', ' order by privilege_type) as rights
  from granted group by 1, 2 order by 1, 2`

t.test('each role may touch what is listed, and nothing else', async (t) => {
  const { superuser } = await startService(t)
  const { rows } = await superuser.query<{ role: string; name: string; rights: string }>(query)
  const granted: Grants = {}
  for (const { role, name, rights } of rows) {
    granted[role] ??= {}
    granted[role][name] = rights
  }
  t.strictSame(granted, golden)
  t.strictSame((await superuser.query('select * from pg_default_acl')).rows, [], 'nothing is granted by default')
})

t.test('no role of ours steps over row-level security', async (t) => {
  const { superuser } = await startService(t)
  const { rows: roles } = await superuser.query(
    `select rolname from pg_roles
     where rolname ~ '^leadlight_' and (rolsuper or rolbypassrls or rolreplication or rolcreatedb)`,
  )
  t.strictSame(roles, [])
  const { rows: members } = await superuser.query(
    `select member::regrole::text, roleid::regrole::text from pg_auth_members
     where member::regrole::text in ('leadlight_ingest', 'leadlight_reader', 'leadlight_eraser', 'leadlight_rollup',
       'leadlight_views', 'leadlight_dashboards')`,
  )
  t.strictSame(members, [], 'none may take another')
  const { rows: functions } = await superuser.query(
    `select p.oid::regprocedure::text as name, proconfig as settings
     from pg_proc p join pg_namespace n on n.oid = pronamespace
     where prosecdef and nspname in ('leadlight', 'dashboards', 'public')`,
  )
  t.strictSame(
    functions,
    [{ name: 'leadlight.activity()', settings: ['search_path=pg_catalog, pg_temp'] }],
    'only the listed ones run with the rights of their owner, and none finds its names where the caller says',
  )
  const { rows: open } = await superuser.query(
    `select c.oid::regclass::text as name from pg_class c
     where relkind in ('r', 'p') and not relispartition and not (relrowsecurity and relforcerowsecurity)
       and (has_table_privilege('leadlight_reader', c.oid, 'select') or has_any_column_privilege('leadlight_reader', c.oid, 'select'))
       and relnamespace = 'leadlight'::regnamespace`,
  )
  t.strictSame(open, [], 'what the reader may ask is under row-level security, for its owner as well')
})

t.test('the writer does not read what it stores', async (t) => {
  const { databaseUrl } = await startService(t)
  const writer = openPool(databaseUrl, { role: 'leadlight_ingest', size: 1, statementMs: 5_000, onError: () => {} })
  t.teardown(() => writer.end())
  for (const statement of [
    'select properties from leadlight.events',
    'update leadlight.events set page = null',
    'delete from leadlight.events',
    'delete from leadlight.sessions',
  ])
    await t.rejects(writer.query(statement), { code: '42501' }, statement)
})
