// A server for browser tests: the built page under /portal/ with the headers it is served with, and answers a test can change.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type {
  Breakdown,
  Common,
  Funnel,
  FunnelType,
  Install,
  Leads,
  Numbers,
  Performance,
  Rate,
  Series,
  Summary,
} from 'contract/analytics'
import type { Session } from 'contract/portal'
import { build } from '../build.ts'
import { addDays, countDays } from '../src/range.ts'

export const token = 'rt_fixture'
export const today = '2026-11-23'

/** What the fixture answers; a test changes it as it goes. */
export type Answers = {
  numbers: Numbers
  previous: Numbers | null
  steps: [FunnelType, number][]
  /** Answers 503 to everything below the API. */
  down: boolean
  /** Every question asked of the API, as path and query. */
  asked: string[]
}

export type Fixture = { origin: string; page: string; link: string; answers: Answers; close: () => Promise<void> }

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
}
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

export function rate(numerator: number, denominator: number): Rate {
  if (denominator === 0) return { numerator, denominator, value: null, low: null, high: null }
  const z = 1.96
  const share = numerator / denominator
  const scale = 1 + z ** 2 / denominator
  const centre = (share + z ** 2 / (2 * denominator)) / scale
  const spread = (z * Math.sqrt((share * (1 - share)) / denominator + z ** 2 / (4 * denominator ** 2))) / scale
  return { numerator, denominator, value: share, low: Math.max(0, centre - spread), high: Math.min(1, centre + spread) }
}

export function numbersOf(
  views: number,
  [loaded, opened, message, estimate, lead, quote]: number[],
  messages: number,
): Numbers {
  const average = { numerator: messages, denominator: message ?? 0, value: message ? messages / message : null }
  return {
    widget_views: views,
    sessions: loaded ?? 0,
    engagement_rate: rate(opened ?? 0, loaded ?? 0),
    estimate_conversion_rate: rate(estimate ?? 0, opened ?? 0),
    lead_capture_rate: rate(lead ?? 0, opened ?? 0),
    quote_request_rate: rate(quote ?? 0, opened ?? 0),
    average_conversation_length: average,
  }
}

export const busy = (): Pick<Answers, 'numbers' | 'previous' | 'steps'> => ({
  numbers: numbersOf(2847, [2204, 758, 641, 412, 171, 96], 2371),
  previous: numbersOf(2412, [1894, 540, 470, 305, 124, 71], 1702),
  steps: [
    ['widget_loaded', 2204],
    ['widget_opened', 758],
    ['message_sent', 641],
    ['estimate_generated', 412],
    ['lead_captured', 171],
    ['quote_requested', 96],
  ],
})

export const quiet = (): Pick<Answers, 'numbers' | 'previous' | 'steps'> => ({
  numbers: numbersOf(41, [36, 14, 12, 8, 3, 1], 38),
  previous: numbersOf(38, [31, 11, 9, 6, 3, 2], 26),
  steps: [
    ['widget_loaded', 36],
    ['widget_opened', 14],
    ['message_sent', 12],
    ['estimate_generated', 8],
    ['lead_captured', 3],
    ['quote_requested', 1],
  ],
})

export const empty = (): Pick<Answers, 'numbers' | 'previous' | 'steps'> => ({
  numbers: numbersOf(0, [0, 0, 0, 0, 0, 0], 0),
  previous: numbersOf(0, [0, 0, 0, 0, 0, 0], 0),
  steps: busy().steps.map(([type]) => [type, 0]),
})

export async function serveFixture(): Promise<Fixture> {
  const directory = await mkdtemp(join(tmpdir(), 'portal-'))
  await build(directory)
  const answers: Answers = { ...busy(), down: false, asked: [] }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture')
    const signedIn = request.headers.cookie === `token=${token}`
    const answer = (status: number, body?: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
        .end(body === undefined ? undefined : JSON.stringify(body))

    if (url.pathname === '/portal/session') {
      if (request.method === 'GET') return signedIn ? answer(200, session) : answer(401, { code: 'invalid_token' })
      if (request.method === 'DELETE')
        return answer(204, undefined, { 'set-cookie': 'token=; Path=/; Max-Age=0; HttpOnly' })
      const given: { token?: string } = JSON.parse(Buffer.concat(await request.toArray()).toString())
      if (given.token !== token) return answer(401, { code: 'invalid_token' })
      return answer(204, undefined, { 'set-cookie': `token=${token}; Path=/; HttpOnly; SameSite=Strict` })
    }
    if (url.pathname.startsWith('/api/v1/analytics/')) {
      if (answers.down) return answer(503, { code: 'database_unavailable' }, { 'retry-after': '1' })
      if (!signedIn) return answer(401, { code: 'invalid_token' })
      answers.asked.push(url.pathname.slice('/api/v1/analytics'.length) + url.search)
      const question = questions[url.pathname.split('/').at(-1) ?? '']
      return question ? answer(200, question(url, answers)) : answer(404, { code: 'not_found' })
    }
    const name = url.pathname.replace(/^\/portal\//, '') || 'index.html'
    const file = await readFile(join(directory, name)).catch(() => null)
    if (!file) return answer(404)
    return response
      .writeHead(200, {
        'content-type': types[extname(name)] ?? 'application/octet-stream',
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
      })
      .end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    origin,
    page: `${origin}/portal/`,
    link: `${origin}/portal/#token=${token}`,
    answers,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true })
    },
  }
}

const session: Session = {
  tenant: { name: 'Summit Roofing & Sons <b>Denver</b>', time_zone: 'America/Denver' },
  shared_until: null,
}

function common(url: URL) {
  const to = url.searchParams.get('to') ?? today
  return {
    tenant: session.tenant,
    from: url.searchParams.get('from') ?? addDays(to, -29),
    to,
  }
}

function summary(url: URL, { numbers, previous }: Answers): Summary {
  const shared = common(url)
  return {
    ...shared,
    ...numbers,
    previous: countDays(shared) > 45 ? null : previous,
    definitions: {
      widget_views: 'How often the widget was loaded, counted on the day it happened.',
      engagement_rate: 'Of the visits that loaded the widget, the share that opened it.',
      estimate_conversion_rate: 'Of the visits that opened the widget, the share that got an estimate.',
      lead_capture_rate: 'Of the visits that opened the widget, the share that left their contact.',
      quote_request_rate: 'Of the visits that opened the widget, the share that asked for a quote.',
      average_conversation_length: 'Messages a visitor sent, on average over the visits with at least one message.',
    },
  }
}

function funnel(url: URL, { steps }: Answers): Funnel {
  const first = steps[0]?.[1] ?? 0
  return {
    ...common(url),
    definitions: {
      steps: 'Visits that reached each step and all steps before it, in any order, counted on the day the visit began.',
    },
    steps: steps.map(([type, sessions], index) => ({
      type,
      sessions,
      of_first: rate(sessions, first),
      of_previous: index === 0 ? null : rate(sessions, steps[index - 1]?.[1] ?? 0),
    })),
  }
}

const point = { widget_opened: 25, message_sent: 70, estimate_generated: 12, lead_captured: 6, quote_requested: 3 }

function series(url: URL): Series & Common {
  const days = common(url)
  const points = Array.from({ length: countDays(days) }, (_, day) => ({
    start: `${addDays(days.from, day)}T00:00:00-07:00`,
    widget_loaded: 90 + (day % 7),
    ...point,
    widget_error: 0,
  }))
  return { ...days, definitions: { points: 'How often each thing happened.' }, points }
}

function performance(url: URL): Performance & Common {
  const none = { p50: null, p75: null, p95: null, count: 0 }
  return {
    ...common(url),
    definitions: { error_rate: 'Of all visits, the share in which something in the widget failed.' },
    load_ms: { p50: 612, p75: 1_240, p95: 3_410, count: 2_847 },
    response_ms: { send_message: { p50: 830, p75: 1_500, p95: 4_100, count: 2_371 }, create_estimate: none },
    error_rate: rate(26, 2_204),
    errors: [{ type: 'TypeError', source: 'api', operation: 'send_message', count: 31 }],
  }
}

function breakdown(url: URL, { numbers }: Answers): Breakdown & Common {
  return { ...common(url), definitions: {}, breakdown: [{ value: '<img src=x onerror=alert(1)>', ...numbers }] }
}

function leads(url: URL): Leads {
  return { ...common(url), definitions: {}, leads: [], next_cursor: null, total: 267, with_errors: 3 }
}

function install(url: URL): Install & Common {
  return {
    ...common(url),
    definitions: {},
    origins: [{ origin: 'https://www.summit.example', last_event_at: null, widget_version: null }],
    refused: [],
    snippet: '<script async src="https://lead.example/widget.js" data-site-key="pk_fixture"></script>',
    content_security_policy: 'script-src https://lead.example;\nconnect-src https://lead.example;',
  }
}

const questions: Record<string, (url: URL, answers: Answers) => Common> = {
  summary,
  funnel,
  series,
  performance,
  breakdown,
  leads,
  install,
}
