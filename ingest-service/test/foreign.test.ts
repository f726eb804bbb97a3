// Every route that shows a tenant's data, as /openapi.json lists them, asked with another tenant's token, with none, and with rubbish.
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { addTenant } from '../src/cli/tenants.ts'
import { createShareLink } from '../src/share-links.ts'
import { batch, type Service, startService } from './service.ts'

type Operation = { method: 'GET' | 'POST' | 'DELETE'; path: string; query: Record<string, string> }
type Described = { parameters?: { in: string; name: string; required?: boolean; schema: { enum?: string[] } }[] }

/** Where each parameter of a path gets its value from, and what a body holds: a new one has to be told here. */
type Asked = { params: Record<string, string>; body?: object }

/** `/portal/` itself is a page without any data. */
const guarded = /^\/(api\/v1\/analytics|portal)\/./

async function listOperations({ app }: Service): Promise<Operation[]> {
  const { paths } = (await app.inject({ url: '/openapi.json' })).json() as {
    paths: Record<string, Record<string, Described>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    guarded.test(path)
      ? Object.entries(methods).map(([method, { parameters = [] }]) => ({
          method: method.toUpperCase() as Operation['method'],
          path,
          query: Object.fromEntries(
            parameters
              .filter((each) => each.in === 'query' && each.required)
              .map(({ name, schema }) => [name, schema.enum![0]!]),
          ),
        }))
      : [],
  )
}

/** A tenant with data in everything that a route may show, and what is told by none but its own answers. */
async function addVictim(service: Service) {
  const { post, owner, superuser, countUp } = service
  const name = 'Zebra Roofing'
  const origin = 'https://zebra.example'
  const victim = await addTenant(owner, { name, timeZone: 'Asia/Kathmandu', origins: [origin] })
  const now = Date.now()
  const session_id = uuid7(now - 3)
  const trace_id = '1234567890abcdef1234567890abcdef'
  const common = { session_id, trace_id, page: '/zebra' }
  const lead = uuid7(now)
  const events = [
    { ...common, id: uuid7(now - 2), type: 'widget_loaded', properties: { load_ms: 1, utm_source: 'zebra_mail' } },
    { ...common, id: uuid7(now - 1), type: 'widget_opened' },
    { ...common, id: lead, type: 'lead_captured', properties: { contact: 'form' } },
  ]
  await post(batch(victim.site_key, events, { widget_version: '9.9.9' }), { origin })
  await countUp()
  const share = await createShareLink(superuser, victim.tenant_id, { label: 'zebra link', days: 1 })
  const marks = [
    ...['Zebra', 'zebra', 'Kathmandu', '9.9.9', session_id, trace_id],
    ...[victim.tenant_id, victim.site_key, victim.read_token, share!.share_id, ...events.map(({ id }) => id)],
  ]
  return { ...victim, marks, params: { event_id: lead, share_id: share!.share_id } }
}

async function ask({ app }: Service, { method, path, query }: Operation, { params, body }: Asked, token?: string) {
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (!params[name]) throw new Error(`Tell this test what ${name} of ${path} is`)
    return params[name]
  })
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await app.inject({
    method,
    url,
    query,
    headers,
    ...(method === 'POST' ? { payload: body ?? {} } : {}),
  })
  return { status: answer.statusCode, text: `${JSON.stringify(answer.headers)} ${answer.body}` }
}

const bodies = (token: string): Record<string, object> => ({
  'POST /portal/session': { token },
  'POST /portal/shares': { label: 'link', days: 1 },
})
const rubbish = { event_id: uuid7(Date.now() - 99), share_id: uuid7(Date.now() - 99) }
/** Tells a browser to forget its cookie: says nothing, and is for whoever wants to. */
const signOut = 'DELETE /portal/session'
const refusals = [401, 403, 404]

function bodyFor(name: string, token: string): object | undefined {
  const body = bodies(token)[name]
  if (name.startsWith('POST') && !body) throw new Error(`Tell this test what ${name} is sent`)
  return body
}

t.test('no route shows a byte of one tenant to another, or to someone without a token', async (t) => {
  const service = await startService(t)
  const victim = await addVictim(service)
  const { read_token: stranger } = service.other
  const operations = await listOperations(service)
  t.ok(operations.length >= 12, `${operations.length} operations are tried`)
  const shown = ({ text }: { text: string }) => victim.marks.filter((mark) => text.includes(mark))

  for (const operation of operations) {
    const name = `${operation.method} ${operation.path}`
    const { params } = victim
    const asStranger = await ask(service, operation, { params, body: bodyFor(name, stranger) }, stranger)
    t.strictSame(shown(asStranger), [], `${name}: nothing for another tenant`)
    if (operation.path.includes('{')) {
      t.equal(asStranger.status, 404, `${name}: what is another's is not there`)
      const nowhere = await ask(service, operation, { params: rubbish, body: bodyFor(name, stranger) }, stranger)
      t.equal(bodyOf(asStranger), bodyOf(nowhere), `${name}: as if it did not exist at all`)
    }
    for (const token of [undefined, '', 'rt_nobody', victim.site_key, '" or 1=1']) {
      const refused = await ask(service, operation, { params, body: bodyFor(name, token || 'rt_nobody') }, token)
      if (name !== signOut)
        t.ok(refusals.includes(refused.status), `${name} with the token "${token ?? ''}" is ${refused.status}`)
      t.strictSame(shown(refused), [], `${name}: nothing for nobody`)
    }
  }
})

t.test('the same routes show the tenant itself what is its own, or the test above would prove nothing', async (t) => {
  const service = await startService(t)
  const victim = await addVictim(service)
  for (const operation of await listOperations(service)) {
    if (operation.method !== 'GET' || operation.path === '/portal/session') continue
    const { status, text } = await ask(service, operation, victim, victim.read_token)
    t.equal(status, 200, `${operation.path} answers`)
    t.ok(
      victim.marks.some((mark) => text.includes(mark)),
      `${operation.path} shows something of the tenant's own`,
    )
  }
})

const bodyOf = ({ text }: { text: string }): string => text.slice(text.indexOf('} ') + 2)
