// The analytics against an independent count of the raw events, to the last digit, over the days on which counting goes wrong.
import type pg from 'pg'
import { dose } from 'stack/dose'
import t from 'tap'
import { histogramError } from '../src/analytics/histogram.ts'
import { updateTenant } from '../src/cli/tenants.ts'
import { randomBatches } from './random-visits.ts'
import {
  type Asked,
  countRaw,
  countRawErrors,
  countRawLeads,
  countRawPoints,
  listRawLeads,
  measureRaw,
} from './raw-counts.ts'
import { batch, startService } from './service.ts'

t.setTimeout(dose({ short: 400_000, long: 3_600_000 }))

const visits = dose({ short: 120, long: 3_000 })
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const day = 86_400_000

/** Days with something to get wrong, each with the moments around which half of the visits begin. */
const periods = [
  {
    about: 'the clocks of Europe go back',
    now: '2026-10-28T10:00:00Z',
    moments: ['2026-10-25T01:00:00Z', '2026-10-24T22:00:00Z'],
    zones: ['Europe/Vienna', 'Asia/Kolkata'],
  },
  {
    about: 'the month ends, and the clocks of America go back',
    now: '2026-11-04T23:59:00Z',
    moments: ['2026-11-01T00:00:00Z', '2026-11-01T06:00:00Z'],
    zones: ['America/New_York', 'Asia/Kathmandu'],
  },
  {
    about: 'the clocks of Lord Howe go forward by half an hour',
    now: '2026-10-06T03:30:00Z',
    moments: ['2026-10-03T15:30:00Z', '2026-10-03T13:30:00Z'],
    zones: ['Australia/Lord_Howe', 'Pacific/Chatham'],
  },
]

const visitSums =
  'sum(visits)::int as visits, sum(failed)::int as failed, sum(opened)::int as opened, sum(opened_lead)::int as leads, sum(opened_quote)::int as quotes'
const visitCounts = `count(*)::int as visits, count(*) filter (where failed)::int as failed, count(*) filter (where opened)::int as opened,
  count(*) filter (where opened and lead)::int as leads, count(*) filter (where opened and quote)::int as quotes`

/** As Grafana's login, which sees views only. */
async function askAsDashboard(db: pg.Pool, text: string, values: unknown[]): Promise<unknown[]> {
  const client = await db.connect()
  try {
    await client.query('set role leadlight_dashboards')
    return (await client.query(text, values)).rows
  } finally {
    // the role goes with the connection
    client.release(true)
  }
}

for (const { about, now, moments, zones } of periods) {
  t.test(`${about}: every number is what the events say (seed ${seed})`, async (t) => {
    const nowMs = Date.parse(now)
    const [first, second] = zones as [string, string]
    // each batch has its moment, as in life: events of a clock that is ahead are dated by when they come
    let clockMs = nowMs
    const service = await startService(t, { now: () => clockMs++, timeZone: first })
    const { post, get, owner, superuser, tenant, countUp } = service
    const batches = randomBatches(seed, visits, nowMs, 6 * day, moments.map(Date.parse))
    for (const [i, { events, sentAtMs }] of batches.entries()) {
      const { body } = await post(batch(tenant.site_key, events, { sent_at: new Date(sentAtMs).toISOString() }))
      if (body.rejected?.length !== 0) throw new Error(JSON.stringify(body))
      // in the middle of things too, so that quarter hours are counted again and again
      if (i % 50 === 0) await countUp()
    }

    const from = new Date(nowMs - 8 * day).toISOString().slice(0, 10)
    const to = new Date(nowMs + day).toISOString().slice(0, 10)
    const days = Array.from({ length: 10 }, (_, i) => new Date(Date.parse(from) + i * day).toISOString().slice(0, 10))
    const ask = (path: string, range: string) => get(`/api/v1/analytics/${path}${range}`, tenant.read_token)
    for (const timeZone of [first, second]) {
      await updateTenant(owner, tenant.tenant_id, { timeZone, addOrigins: [], removeOrigins: [] })
      const ranges: { from: string; to: string; device?: string; source?: string; page?: string }[] = [
        { from, to },
        { from, to, device: 'phone' },
        { from, to, source: 'google' },
        { from, to, page: '/roofing' },
        { from, to, device: 'phone', source: 'google' },
        { from, to, device: 'desktop', source: 'flyer', page: '/' },
        { from: days[5]!, to: days[6]!, source: 'flyer' },
        // a week of hours over the change of the clocks
        { from: days[3]!, to: days[8]!, device: 'phone' },
        { from: days[3]!, to: days[8]! },
        ...days.map((each) => ({ from: each, to: each })),
      ]
      let counted = 0
      for (const range of ranges) {
        const asked: Asked = { tenantId: tenant.tenant_id, timeZone, ...range }
        const query = `?${new URLSearchParams(Object.entries(range))}`
        const where = `${query} in ${timeZone}`
        const [summary, funnel, performance] = [
          (await ask('summary', query)).body,
          (await ask('funnel', query)).body,
          (await ask('performance', query)).body,
        ]
        const pair = (rate: { numerator: number; denominator: number }) => [rate.numerator, rate.denominator]
        t.strictSame(
          {
            views: summary.widget_views,
            sessions: summary.sessions,
            engagement: pair(summary.engagement_rate),
            estimate: pair(summary.estimate_conversion_rate),
            lead: pair(summary.lead_capture_rate),
            quote: pair(summary.quote_request_rate),
            conversation: pair(summary.average_conversation_length),
            steps: funnel.steps.map((step: any) => step.sessions),
            failures: pair(performance.error_rate),
          },
          await countRaw(superuser, asked),
          where,
        )
        counted += summary.widget_views
        const { total, with_errors } = (await ask('leads', query)).body
        t.strictSame({ total, with_errors }, await countRawLeads(superuser, asked), `leads ${where}`)
        const listed: { id: string; source: string | null; had_error: boolean }[] = []
        for (let page = ''; ; ) {
          const { leads, next_cursor } = (await ask('leads', `${query}${page}`)).body
          for (const { event_id: id, source, had_error } of leads) listed.push({ id, source, had_error })
          if (next_cursor === null) break
          page = `&cursor=${next_cursor}`
        }
        t.strictSame(listed, await listRawLeads(superuser, asked), `each lead ${where}`)
        t.strictSame(
          performance.errors.map((each: any) => `${each.type} ${each.source ?? '-'} ${each.count}`).sort(),
          await countRawErrors(superuser, asked),
          `errors ${where}`,
        )
        for (const [measured, type, property] of [
          [performance.load_ms, 'widget_loaded', 'load_ms'],
          [performance.response_ms.send_message, 'message_sent', 'response_ms'],
          [performance.response_ms.create_estimate, 'estimate_generated', 'duration_ms'],
        ] as const) {
          const exact = await measureRaw(superuser, asked, type, property)
          t.equal(measured.count, exact.count, `number of ${property} ${where}`)
          for (const share of ['p50', 'p75', 'p95'] as const) {
            if (exact[share] === null) t.equal(measured[share], null)
            // three digits are shown; what is below a millisecond is one bucket
            else if (exact[share] >= 1)
              t.ok(
                Math.abs(measured[share] / exact[share] - 1) < histogramError + 0.006,
                `${share} of ${property} ${where}`,
              )
          }
        }
        for (const unit of ['day', 'hour'] as const) {
          if (unit === 'hour' && range.to > days[days.indexOf(range.from) + 6]!) continue
          const { points } = (await ask('series', `${query}&interval=${unit}`)).body
          const expected = await countRawPoints(superuser, asked, unit)
          const seen = new Map<number, object>()
          for (const { start, ...counts } of points)
            if (Object.values(counts).some((count) => count !== 0)) seen.set(Date.parse(start), counts)
          t.strictSame(new Map([...seen].sort()), new Map([...expected].sort()), `by ${unit} ${where}`)
        }
      }
      t.ok(counted > visits / 4, 'there was something to count')
      for (const by of ['device', 'source', 'page'] as const) {
        const { breakdown } = (await ask('breakdown', `?from=${from}&to=${to}&by=${by}`)).body
        for (const { value, sessions, widget_views } of breakdown) {
          if (value === null) continue
          const asked = { tenantId: tenant.tenant_id, timeZone, from, to, [by]: value }
          const raw = await countRaw(superuser, asked)
          t.strictSame([sessions, widget_views], [raw.sessions, raw.views], `${by} ${value} in ${timeZone}`)
        }
      }
      const { rows: segmented } = await superuser.query(
        'select 1 from leadlight.segmented_stretches where tenant_id = $1',
        [tenant.tenant_id],
      )
      t.ok(segmented.length >= 5, 'most days were counted by segment')
      // from and until moments that are no midnight anywhere
      const between = [new Date(nowMs - 7.3 * day), new Date(nowMs - 0.4 * day)]
      for (const by of ['device', 'source', 'page'])
        t.strictSame(
          await askAsDashboard(
            superuser,
            `select value, loaded, ${visitSums} from dashboards.visits_by('${by}', $1, $2) group by 1, 2 order by 1, 2`,
            between,
          ),
          await askAsDashboard(
            superuser,
            `select ${by} as value, loaded, ${visitCounts} from dashboards.visits
            where session_id >= dashboards.uuid_floor($1) and session_id < dashboards.uuid_floor($2) group by 1, 2 order by 1, 2`,
            between,
          ),
          `dashboards: visits by ${by} in ${timeZone}`,
        )
      const raw = await superuser.query(
        `select properties ->> 'device' as device, widget_version, count(*) filter (where type = 'widget_loaded')::int as loads, count(*) filter (where type = 'widget_error')::int as errors
         from leadlight.events where type in ('widget_loaded', 'widget_error') and occurred_at >= $1 and occurred_at < $2 group by 1, 2 order by 1, 2`,
        between,
      )
      t.strictSame(
        await askAsDashboard(
          superuser,
          'select device, widget_version, sum(loads)::int as loads, sum(errors)::int as errors from dashboards.loads_and_errors($1, $2) group by 1, 2 order by 1, 2',
          between,
        ),
        raw.rows,
        `dashboards: loads and errors in ${timeZone}`,
      )
    }
  })
}
