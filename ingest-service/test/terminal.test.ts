// What people wrote is shown to the operator's terminal as text: no name, label or refused event commands it or forges a line.
import pg from 'pg'
import { payloads } from 'stack/payloads'
import { cloneDatabase } from 'stack/test-database'
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { escapeControls } from '../src/controls.ts'
import { ensurePartitions } from '../src/partitions.ts'
import { leadlight } from './program.ts'

/** More than the corpus has: marks that turn a line around, an emoji's joiner, a tag outside of the first plane. */
const texts = [...payloads, '\u2066x\u2069\u200f', '\u{1F469}\u200D\u{1F467}', 'x\u{E0041}y', '\u007f\u0084x']

t.test('what is escaped can be told, and all else stays', async (t) => {
  t.equal(escapeControls('\u001b[31m\u009b\u202E\u2028\n'), '\\u001b[31m\\u009b\\u202e\\u2028\\u000a')
  t.equal(escapeControls('a\tb\n', '\n'), 'a\\u0009b\n')
  t.equal(escapeControls('x\u{E0041}'), 'x\\udb40\\udc41')
  t.equal(escapeControls('Dächer & Söhne 👩 מגדל'), 'Dächer & Söhne 👩 מגדל')
})

t.test('whatever tenants are called, label and send, each takes one line and commands nothing', async (t) => {
  const { url, superuserUrl } = await cloneDatabase(t)
  const db = new pg.Client(superuserUrl)
  await db.connect()
  t.teardown(() => db.end())
  const { rows } = await db.query<{ tenant_id: string }>(
    `insert into leadlight.tenants (name, time_zone) select text, 'UTC' from unnest($1::text[]) as text returning tenant_id`,
    [texts],
  )
  const id = rows[payloads.indexOf('x\u2028y\u2029z\u0085')]!.tenant_id
  await db.query(
    `insert into leadlight.rejected_events (tenant_id, event_sha256, reason, detail, excerpt)
     select $1, sha256(convert_to(text, 'UTF8')), 'invalid_event', text, text from unnest($2::text[]) as text`,
    [id, texts],
  )
  await db.query(
    `insert into leadlight.share_links (tenant_id, token_sha256, label, expires_at)
     select $1, sha256(convert_to(text, 'UTF8')), left(text, 60), now() + interval '1 day' from unnest($2::text[]) as text`,
    [id, texts],
  )
  const now = new Date()
  await ensurePartitions(db, now)
  await db.query(
    `insert into leadlight.events (tenant_id, id, session_id, occurred_at, type, page, properties)
     select $1, id, id, $2, 'widget_error', text, jsonb_build_object('message', text)
     from unnest($3::uuid[], $4::text[]) as event (id, text)`,
    [id, now, texts.map(() => uuid7(now.getTime())), texts],
  )
  const run = (...args: string[]) => {
    const env = { DATABASE_URL: url, PUBLIC_URL: 'https://lead.example' }
    const { status, stdout, stderr } = leadlight(env, ...args)
    t.equal(status, 0, `${args.join(' ')}: ${stderr}`)
    t.notMatch(stdout, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, `${args.join(' ')} commands nothing`)
    return stdout
  }
  const lines = (...args: string[]) =>
    run(...args)
      .trimEnd()
      .split('\n').length
  t.equal(lines('tenant', 'list'), texts.length)
  t.equal(lines('overview'), texts.length + 1)
  t.equal(lines('rejects', id), 2 * texts.length)
  t.equal(lines('share', 'list', id), texts.length)
  t.match(run('tenant', 'show', id), /^name +x\\u2028y\\u2029z\\u0085$/m)
  run('mail', 'preview', id)

  const names = JSON.parse(run('tenant', 'list', '--json')).map((tenant: { name: string }) => tenant.name)
  t.strictSame(names.sort(), [...texts].sort(), 'for programs all is as it was written')
  t.equal(JSON.parse(run('rejects', id, '--json')).length, texts.length)
  const exported = run('export', id)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.strictSame(exported.map(({ page }) => page).sort(), [...texts].sort())
  t.ok(exported.every(({ page, properties }) => properties.message === page))
})
