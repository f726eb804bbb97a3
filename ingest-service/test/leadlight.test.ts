import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { query } from 'stack/postgres'
import { cloneDatabase } from 'stack/test-database'
import t from 'tap'
import { addTenant, updateTenant } from '../src/cli/tenants.ts'
import { compiled, leadlight, program } from './program.ts'
import { startService } from './service.ts'

t.test('tenants are added, shown, changed, and their keys rotated', async (t) => {
  const { url } = await cloneDatabase(t)
  const run = (...args: string[]) => {
    const ended = leadlight({ DATABASE_URL: url, PUBLIC_URL: 'https://lead.example/' }, ...args)
    return { ...ended, value: () => JSON.parse(ended.stdout) }
  }
  const added = run(
    'tenant',
    'add',
    '--name',
    'Acme',
    '--origin',
    'https://acme.example',
    '--origin',
    'https://www.acme.example',
    '--time-zone',
    'Europe/Vienna',
    '--json',
  )
  t.equal(added.status, 0)
  const { tenant_id, site_key, read_token, ...rest } = added.value()
  t.strictSame(rest, {
    portal_url: `https://lead.example/portal/#token=${read_token}`,
    snippet: `<script async src="https://lead.example/widget.js" data-site-key="${site_key}"></script>`,
  })
  t.match(run('tenant', 'list').stdout, `${tenant_id}  enabled   Acme`)

  const updated = run(
    'tenant',
    'update',
    tenant_id,
    '--name',
    'Acme Roofing',
    '--add-origin',
    'http://localhost:3000',
    '--remove-origin',
    'https://acme.example',
    '--json',
  )
  t.match(updated.value(), {
    name: 'Acme Roofing',
    time_zone: 'Europe/Vienna',
    origins: ['http://localhost:3000', 'https://www.acme.example'],
  })

  t.match(run('tenant', 'disable', tenant_id).stdout, 'is disabled')
  t.ok(run('tenant', 'show', tenant_id, '--json').value().disabled_at)
  t.match(run('tenant', 'enable', tenant_id).stdout, 'is enabled')

  const rotated = run('tenant', 'rotate-key', tenant_id, '--json').value()
  t.not(rotated.site_key, site_key)
  const keys = run('tenant', 'show', tenant_id, '--json').value().site_keys
  t.match(
    keys,
    [
      { site_key, expires_at: /T/ },
      { site_key: rotated.site_key, expires_at: null },
    ],
    'the old key stays a while',
  )
  t.match(run('tenant', 'rotate-token', tenant_id).stdout, /read_token +rt_/)
})

t.test('what was typed wrong is said, with exit code 2; what failed, with 1', async (t) => {
  const add = ['tenant', 'add', '--name', 'A', '--time-zone', 'UTC', '--origin']
  t.match(leadlight({}, ...add, 'https://a.example/path'), {
    status: 2,
    stdout: '',
    stderr: /did you mean https:\/\/a.example\?/,
  })
  t.match(leadlight({}, 'tenant', 'add', '--name', 'A', '--time-zone', 'Mars/Base', '--origin', 'https://a.example'), {
    status: 2,
    stderr: /looks like Europe\/Vienna/,
  })
  t.match(leadlight({}, 'tenant', 'add', '--name', 'A', '--time-zone', '+05:30', '--origin', 'https://a.example'), {
    status: 2,
    stderr: /looks like Europe\/Vienna/,
  })
  t.match(leadlight({}, 'tenant', 'show', '7'), { status: 2, stderr: /An id is a UUID/ })
  t.match(leadlight({}, 'frobnicate'), { status: 2, stderr: /unknown command/ })
  t.match(leadlight({ LEADLIGHT_DATA: '/nowhere' }, 'tenant', 'list'), {
    status: 1,
    stdout: '',
    stderr: /set DATABASE_URL, or run `npm start` first/,
  })
  t.match(leadlight({ DATABASE_URL: 'postgres://x@127.0.0.1:1/x' }, 'tenant', 'list'), {
    status: 1,
    stdout: '',
    stderr: /ECONNREFUSED 127.0.0.1:1. Is PostgreSQL running, and is DATABASE_URL right\?/,
  })
  const { url } = await cloneDatabase(t)
  t.match(leadlight({ DATABASE_URL: url }, 'tenant', 'disable', '019abc12-0000-7000-8000-000000000000'), {
    status: 1,
    stderr: /There is no tenant/,
  })
})

t.test('a time zone keeps the name it was given, one that the database does not know is refused', async (t) => {
  const { owner, databaseUrl } = await startService(t)
  const run = (...args: string[]) => leadlight({ DATABASE_URL: databaseUrl }, ...args)
  const add = ['tenant', 'add', '--name', 'A', '--origin', 'https://a.example', '--json', '--time-zone']
  for (const [typed, kept] of [
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['Europe/Kyiv', 'Europe/Kyiv'],
    ['europe/vienna', 'Europe/Vienna'],
  ] as const) {
    const { tenant_id } = JSON.parse(run(...add, typed).stdout)
    t.match(JSON.parse(run('tenant', 'show', tenant_id, '--json').stdout), { time_zone: kept })
  }
  const tenant = { name: 'A', timeZone: 'Mars/Base', origins: [] }
  await t.rejects(addTenant(owner, tenant), /time zone "Mars\/Base" not recognized/)
  const { tenant_id } = await addTenant(owner, { ...tenant, timeZone: 'UTC' })
  const change = { timeZone: 'Mars/Base', addOrigins: [], removeOrigins: [] }
  await t.rejects(updateTenant(owner, tenant_id, change), /not recognized/)
  t.equal(await updateTenant(owner, tenant_id, { ...change, timeZone: undefined, name: 'B' }), true)
})

t.test('--help at every command says what it does and what it takes', async (t) => {
  const explain = async (command: string[]): Promise<void> => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...command, '--help'], { env: compiled })
    const name = ['leadlight', ...command].join(' ')
    const [usage, purpose] = stdout.split('\n\n')
    t.ok(usage?.startsWith(`Usage: ${name}`), name)
    t.match(purpose, /^\w.{9,}/, `${name} has a purpose`)
    t.notMatch(stdout, /^ {2}(?:-\S+|[a-z]\S*)(?: \S+)*$/m, `${name}: nothing in the list goes without a word`)
    const [, list = ''] = stdout.split('Commands:\n')
    const names = [...list.matchAll(/^ {2}(\S+)/gm)].map(([, found]) => found!).filter((found) => found !== 'help')
    await Promise.all(names.map((found) => explain([...command, found])))
  }
  await explain([])
})

t.test('--json prints one JSON value on standard output and nothing else', async (t) => {
  const { url } = await cloneDatabase(t)
  const run = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--json'], {
      env: { ...compiled, DATABASE_URL: url },
    })
    return JSON.parse(stdout)
  }
  const session = '019abc12-0000-7000-8000-000000000000'
  t.strictSame(await run('migrate'), { applied: [] })
  const { tenant_id } = await run('tenant', 'add', '--name', 'A', '--origin', 'https://a.example', '--time-zone', 'UTC')
  t.match(await run('tenant', 'list'), [{ tenant_id, name: 'A' }])
  t.strictSame(await run('tenant', 'disable', tenant_id), { tenant_id, disabled: true })
  t.strictSame(await run('tenant', 'enable', tenant_id), { tenant_id, disabled: false })
  const rotated = await run('tenant', 'rotate-token', tenant_id, '--overlap', '1h')
  t.match(rotated, { read_token: /^rt_/, portal_url: /#token=rt_/ })
  t.strictSame(await run('erase-session', tenant_id, session), { session_id: session, events: 0 })
  t.strictSame(await run('rejects', tenant_id), [])
  t.strictSame(await run('share', 'list', tenant_id), [])
  t.strictSame(await run('find-lead', 'f'.repeat(32)), [])
  t.strictSame(await run('tenant', 'delete', tenant_id), { tenant_id, deleted: true })
})

t.test('the doctor names what is wrong and what to do', async (t) => {
  const { url, superuserUrl } = await cloneDatabase(t)
  const env = { DATABASE_URL: url, PUBLIC_URL: 'http://127.0.0.1:9', COLLECTOR_URL: 'http://127.0.0.1:9' }
  // the copied database has the days around its making, which may have been yesterday
  leadlight(env, 'migrate')
  const { status, stdout } = leadlight(env, 'doctor', '--json')
  t.equal(status, 1)
  const findings = new Map<string, any>(JSON.parse(stdout).map((finding: any) => [finding.check, finding]))
  t.match(findings.get('database'), { state: 'ok', detail: /PostgreSQL 18/ })
  t.match(findings.get('schema'), { state: 'ok' })
  t.match(findings.get('partitions'), { state: 'ok', detail: /[78] days ahead/ })
  t.match(findings.get('retention'), { state: 'warning', detail: /leadlight retention run/ })
  t.match(findings.get('public address'), { state: 'warning', detail: /other machines cannot reach it/ })
  t.match(findings.get('collector'), { state: 'failed', detail: /does not answer.*COLLECTOR_URL/ })
  t.match(findings.get('Monday mail'), { state: 'ok', detail: 'nobody has asked for it' })
  t.match(findings.get('roll-up'), { state: 'ok' })
  t.match(findings.get('proxies'), { state: 'ok' })
  t.match(findings.get('dead man'), { state: 'warning', detail: /DEADMAN_URL/ })
  // as long ago as on-call is paged for it
  await query(superuserUrl, "insert into leadlight.jobs values ('retention', now() - interval '3 hours')")
  t.match(leadlight(env, 'doctor'), { stdout: /^failed +retention: last ran at .*: is ingest-service running\?$/m })
})

t.test('share links are made, listed and withdrawn; the overview names every tenant', async (t) => {
  const { url } = await cloneDatabase(t)
  const run = (...args: string[]) => {
    const ended = leadlight({ DATABASE_URL: url, PUBLIC_URL: 'https://lead.example' }, ...args)
    return { ...ended, value: () => JSON.parse(ended.stdout) }
  }
  const add = ['tenant', 'add', '--name', 'Acme', '--origin', 'https://a.example', '--time-zone', 'UTC', '--json']
  const { tenant_id } = run(...add).value()
  const link = run('share', 'add', tenant_id, '--days', '7', '--label', 'For the office', '--json').value()
  t.match(link.share_url, /^https:\/\/lead\.example\/portal\/#token=sl_/)
  t.match(run('share', 'list', tenant_id).stdout, new RegExp(`^${link.share_id}  until \\d{4}-.*Z  For the office\n$`))
  t.match(run('share', 'revoke', tenant_id, link.share_id), { status: 0, stdout: /opens nothing any more/ })
  t.match(run('share', 'revoke', tenant_id, link.share_id), { status: 1, stderr: /has no open share link/ })
  t.match(run('share', 'list', tenant_id).stdout, 'No link is open')
  t.match(run('share', 'add', tenant_id, '--days', '91'), { status: 2, stderr: /from 1 to 90/ })
  t.match(run('share', 'add', link.share_id), { status: 1, stderr: /There is no tenant/ })
  t.strictSame(run('overview', '--json').value(), [
    { tenant_id, name: 'Acme', disabled: false, loads: 0, leads: 0, quotes: 0, errors: 0, last_hour: null },
  ])
  t.match(run('overview').stdout, /none in 7 days +Acme\n$/)
  t.match(run('find-lead', 'f'.repeat(32)), { status: 0, stdout: /^No lead that is held/ })
  t.match(
    run('find-lead', 'f'.repeat(31)).stdout,
    `belongs to 0${'f'.repeat(31)}`,
    'as Tempo lists one that begins with 0',
  )
  t.match(run('find-lead', 'xyz'), { status: 2, stderr: /32 hex digits/ })
})

t.test('export, erase-session and retention run do so from the command line', async (t) => {
  const { url } = await cloneDatabase(t)
  const run = (...args: string[]) => leadlight({ DATABASE_URL: url }, ...args)
  const added = run('tenant', 'add', '--name', 'A', '--origin', 'https://a.example', '--time-zone', 'UTC', '--json')
  const { tenant_id } = JSON.parse(added.stdout)
  t.match(run('export', tenant_id), { status: 0, stdout: '', stderr: /^0 events from \d{4}-/ })
  t.match(run('export', tenant_id, '--from', '2026-13-01'), { status: 2, stderr: /A date looks like/ })
  const session = '019abc12-0000-7000-8000-000000000000'
  t.match(run('erase-session', tenant_id, session), { status: 0, stdout: /0 events deleted/ })
  t.match(run('retention', 'run', '--json'), { status: 0, stdout: /^{"dropped":\[\]}\n$/ })
  t.match(run('tenant', 'delete', session), { status: 1, stderr: /There is no tenant/ })
})
