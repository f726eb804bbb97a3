// Whatever batch is sent: it is never an error of ours, it may be sent again, and what becomes of an event does not depend on its neighbours.
import fc from 'fast-check'
import { dose } from 'stack/dose'
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { type Service, startService } from './service.ts'

t.setTimeout(dose({ short: 300_000, long: 3_600_000 }))

const batches = dose({ short: 5_000, long: 100_000 })
/** Tried at once: they share groups, as requests do. */
const batchesPerRun = 100
/** How often one batch is sent, at most, before an answer other than 503. */
const maxAttempts = 20
const day = 86_400_000
const now = Date.parse('2026-11-23T23:59:59.500Z')

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '\0',
    '\ud800',
    '__proto__',
    '"\\{},NULL',
    'click',
    'phone',
    'api',
    'EUR',
    '/p?x=1#y',
    'a'.repeat(9_000),
  ),
)
const number = fc.oneof(
  fc.integer({ min: 0, max: 2_000 }),
  fc.double(),
  fc.constantFrom(1e308, 2 ** 53 + 1, -0, 600_000),
)
const value = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }))

const rightProperties: Record<string, fc.Arbitrary<object>> = {
  widget_loaded: fc.record({
    load_ms: fc.integer({ min: 0, max: 600_000 }),
    device: fc.constantFrom('phone', 'desktop'),
  }),
  widget_opened: fc.record({ trigger: fc.constantFrom('click', 'auto') }, { requiredKeys: [] }),
  message_sent: fc.record({
    position: fc.integer({ min: 1, max: 1_000 }),
    response_ms: fc.double({ min: 0, max: 600_000, noNaN: true }),
  }),
  estimate_generated: fc.record({
    duration_ms: fc.integer({ min: 0, max: 600_000 }),
    amount: fc.double({ min: 0, max: 1e9, noNaN: true }),
  }),
  lead_captured: fc.record({ contact: fc.constantFrom('email', 'phone') }),
  quote_requested: fc.record({ service: fc.constantFrom('roofing', 'paint') }, { requiredKeys: [] }),
  widget_error: fc.record({ error_type: fc.constantFrom('TypeError'), message: fc.string({ maxLength: 300 }) }),
}
const types = Object.keys(rightProperties)

/** Which of the batch's few ids and sessions an event has, how it is dated, and what is wrong with it, if anything. */
const eventPlan = fc.record({
  identity: fc.nat(3),
  session: fc.nat(1),
  typed: fc.constantFrom(...types).chain((type) => rightProperties[type]!.map((properties) => ({ type, properties }))),
  page: fc.option(text, { nil: undefined }),
  wrong: fc.option(
    fc.oneof(
      fc.record({
        field: fc.constantFrom(
          'id',
          'type',
          'session_id',
          'page',
          'trace_id',
          'span_id',
          'properties',
          'tenant',
          'extra',
        ),
        value,
      }),
      fc.record({
        property: fc.constantFrom('contact', 'position', 'load_ms', 'amount', 'currency', 'message', 'x', '__proto__'),
        value,
      }),
      fc.record({ event: value }),
    ),
    { nil: undefined, freq: 2 },
  ),
})
const batchPlan = fc.record({
  events: fc.array(eventPlan, { maxLength: 6 }),
  /** How far back the four identities are dated: mostly now, also about the edges of what is taken. */
  ages: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 600_000 }) },
      { weight: 1, arbitrary: fc.constantFrom(-day, -day - 1, 7 * day, 7 * day + 1, 12 * day) },
    ),
    { minLength: 4, maxLength: 4 },
  ),
  skewMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(-60_000, 60_001, -730 * day, 3_600_000) },
  ),
})
type BatchPlan = typeof batchPlan extends fc.Arbitrary<infer Plan> ? Plan : never

/** The events of a plan, with ids that no other batch has. */
function makeEvents({ events, ages }: BatchPlan): unknown[] {
  const ids = ages.map((age) => uuid7(now - age))
  const sessions = [uuid7(now - Math.max(...ages)), uuid7(now - 600_000)]
  return events.map(({ identity, session, typed: { type, properties }, page, wrong }) => {
    const event = { id: ids[identity], type, session_id: sessions[session], page, properties }
    if (!wrong) return event
    if ('event' in wrong) return wrong.event
    if ('field' in wrong) return { ...event, [wrong.field]: wrong.value }
    return { ...event, properties: { ...properties, [wrong.property]: wrong.value } }
  })
}

type Verdict = { accepted: number; duplicates: number; ignored: number; rejected: { index: number; reason: string }[] }
type Answer = Verdict & { attempts: number }

/** Sends until it is answered, as a client does: a busy machine may be too slow for the service. */
async function send({ post }: Service, siteKey: string, skewMs: number, events: unknown[]): Promise<Answer> {
  for (let attempts = 1; ; attempts++) {
    const { status, body } = await post({ site_key: siteKey, sent_at: new Date(now - skewMs).toISOString(), events })
    if (status === 200) return { ...body, attempts }
    if (status !== 503 || attempts === maxAttempts) throw new Error(`answered ${status}: ${JSON.stringify(body)}`)
  }
}

/** What counts of a verdict. An attempt without an answer may have stored its events: whether they were new is not known then. */
function summarise({ accepted, duplicates, ignored, rejected }: Verdict, isInDoubt: boolean) {
  return {
    accepted: isInDoubt ? 0 : accepted,
    duplicates: isInDoubt ? accepted + duplicates : duplicates,
    ignored,
    rejected: rejected.map(({ index, reason }) => `${index} ${reason}`),
  }
}

/** The verdict of a batch whose events were sent one by one. */
function union(singles: Verdict[]): Verdict {
  const sum = (field: 'accepted' | 'duplicates' | 'ignored') => singles.reduce((total, each) => total + each[field], 0)
  const rejected = singles.flatMap((single, index) => single.rejected.map((each) => ({ ...each, index })))
  return { accepted: sum('accepted'), duplicates: sum('duplicates'), ignored: sum('ignored'), rejected }
}

t.test(`${batches} batches`, async (t) => {
  const service = await startService(t, { now: () => now })
  const { superuser, tenant, other } = service
  const seed = Date.now() % 2 ** 31
  let tried = 0
  let inDoubt = 0

  async function tryBatch(plan: BatchPlan) {
    const events = makeEvents(plan)
    const whole = await send(service, tenant.site_key, plan.skewMs, events)
    const again = await send(service, tenant.site_key, plan.skewMs, events)
    const singles: Answer[] = []
    for (const event of events) singles.push(await send(service, other.site_key, plan.skewMs, [event]))
    const isInDoubt = [whole, again, ...singles].some(({ attempts }) => attempts > 1)
    tried++
    if (isInDoubt) inDoubt++

    const expected = summarise(whole, isInDoubt)
    const alone = summarise(union(singles), isInDoubt)
    if (JSON.stringify(alone) !== JSON.stringify(expected))
      throw new Error(`alone ${JSON.stringify(alone)}, together ${JSON.stringify(expected)}`)
    const repeated = { ...expected, accepted: 0, duplicates: expected.duplicates + expected.accepted }
    if (JSON.stringify(summarise(again, isInDoubt)) !== JSON.stringify(repeated))
      throw new Error(`first ${JSON.stringify(expected)}, again ${JSON.stringify(again)}`)
  }

  await fc.assert(
    fc.asyncProperty(fc.array(batchPlan, { minLength: batchesPerRun, maxLength: batchesPerRun }), async (plans) => {
      await Promise.all(plans.map(tryBatch))
    }),
    { seed, numRuns: batches / batchesPerRun, endOnFailure: true },
  )
  t.comment(`seed ${seed}: ${tried} batches tried, ${inDoubt} of them with an attempt that had no answer`)
  t.equal(tried, batches)
  t.ok(inDoubt <= batches / 10, 'nearly all were compared in full')

  const storedBy = async (tenantId: string): Promise<unknown[]> => {
    const { rows } = await superuser.query(
      `select count(*)::int as events, count(*) filter (where occurred_at <= $2 and occurred_at >= $2 - interval '7 days')::int as in_bounds,
         md5(string_agg(concat_ws(' ', id, session_id, occurred_at, type, page, properties), ',' order by id)) as content
       from leadlight.events where tenant_id = $1`,
      [tenantId, new Date(now)],
    )
    const sessions = await superuser.query(
      `select md5(string_agg(concat_ws(' ', session_id, loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at, error_at, messages), ',' order by session_id)) as content
       from leadlight.sessions where tenant_id = $1`,
      [tenantId],
    )
    return [...rows, ...sessions.rows]
  }
  const together = await storedBy(tenant.tenant_id)
  t.strictSame(await storedBy(other.tenant_id), together, 'the same rows, and sessions with the same steps')
  const [{ events, in_bounds }] = together as [{ events: number; in_bounds: number }]
  t.equal(in_bounds, events, 'dated within the 7 days before receipt')
  t.ok(events > batches / 2, `${events} events stored`)
})
