// POST /api/v1/widget/events: takes a batch, judges each event, answers after the commit.
import { batchSchema, type Envelope, type Verdict, verdictSchema } from 'contract/envelope'
import { leadTypes } from 'contract/events'
import { maxBatchBytes } from 'contract/limits'
import type { DropReason, IgnoreReason } from 'contract/refusals'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { within } from '../deadline.ts'
import { type Decoded, decodeEnvelope, decodeEvent, type Refused } from '../decode.ts'
import type { Limits } from '../limits.ts'
import type { Metrics } from '../metrics.ts'
import { reasonToIgnore } from '../privacy.ts'
import { Problem } from '../problem.ts'
import type { Rejects } from '../rejects.ts'
import type { Sightings } from '../sightings.ts'
import type { Sites } from '../sites.ts'
import type { Store } from '../store.ts'
import { uuid7Ms } from '../uuid7.ts'
import type { Outcome, Row, Writer } from '../writer.ts'

export type EventsDependencies = {
  sites: Sites
  sightings: Sightings
  limits: Limits
  store: Store
  writer: Writer
  rejects: Rejects
  metrics: Metrics
  now: () => number
  /** Another wait than the usual for the database. */
  answerMs?: number
}

/** A database that has not answered by then is away, in milliseconds from the last byte: what it still stores is a duplicate later. */
const usualAnswerMs = 1_900

/** The route; the scope it is registered in answers for CORS and for reading bodies as bytes. */
export function eventsRoute(
  app: FastifyInstance,
  { sites, sightings, limits, store, writer, rejects, metrics, now, answerMs = usualAnswerMs }: EventsDependencies,
): void {
  app.post<{ Body: Buffer }>(
    '/events',
    {
      bodyLimit: maxBatchBytes,
      config: { route: 'events' },
      schema: {
        summary: 'Take a batch of events',
        description:
          'The body is one JSON object, sent as text/plain or application/json. Answered after the rows are committed; each event has its own verdict.',
        consumes: ['application/json', 'text/plain'],
        body: batchSchema,
        response: { 200: verdictSchema },
        tags: ['events'],
      },
      // the schema is for readers: the bytes are judged event by event below
      validatorCompiler: () => () => true,
    },
    (request): Promise<Verdict> =>
      within(
        answerMs,
        take(request),
        () => new Problem('database_unavailable', 'The database does not answer; try again'),
      ),
  )

  async function take(request: FastifyRequest<{ Body: Buffer }>): Promise<Verdict> {
    const nowMs = now()
    const envelope = decodeEnvelope(request.body)
    const ignored = reasonToIgnore(request.headers)
    if (ignored) return ignoreAll(envelope, ignored, nowMs)
    limits.admitRequest(request.ip)
    const { tenantId, tenantClass } = await sites.admit(envelope.site_key, request.headers.origin)
    limits.admitEvents(envelope.site_key, tenantId, envelope.events.length, envelope.events.some(isLead))
    const widgetVersion = envelope.widget_version ?? null
    const received = {
      tenantId,
      widgetVersion,
      sentAtMs: Date.parse(envelope.sent_at),
      nowMs,
      hasEscapes: request.body.includes('\\u'),
    }
    const decoded = await asDuplicates(
      tenantId,
      envelope.events.map((event) => decodeEvent(event, received)),
    )
    const rows: Row[] = []
    for (const item of decoded) {
      if (item !== 'duplicate' && item.ok) rows.push(item.event)
    }
    const outcomes = await writer.store(rows)
    if (outcomes.includes('homeless')) {
      throw new Problem('database_unavailable', 'The day of an event has no place in the database yet; try again')
    }
    const { origin } = request.headers
    if (origin && outcomes.includes('accepted')) {
      sightings.accepted(tenantId, origin, widgetVersion)
    }
    if (envelope.dropped && (await store.countDropped(tenantId, envelope.dropped))) {
      for (const [reason, count] of Object.entries(envelope.dropped.counts)) {
        metrics.clientDropped.inc({ reason: reason as DropReason }, count)
      }
    }
    const verdict = conclude(decoded, outcomes, nowMs)
    for (const refused of verdict.rejected) {
      metrics.rejected.inc({ reason: refused.reason, tenant_class: tenantClass })
      rejects.note(tenantId, envelope.events[refused.index], refused)
    }
    return verdict
  }

  function ignoreAll(envelope: Envelope, reason: IgnoreReason, nowMs: number): Verdict {
    const ignored = envelope.events.length
    metrics.events.inc({ outcome: 'ignored' }, ignored)
    metrics.ignored.inc({ reason }, ignored)
    const server_time = new Date(nowMs).toISOString()
    return { accepted: 0, duplicates: 0, ignored, reason, rejected: [], server_time }
  }

  /** An id out of range that this tenant has stored is a late copy, not a wrong clock. */
  async function asDuplicates(tenantId: string, decoded: Decoded[]): Promise<(Decoded | 'duplicate')[]> {
    const outOfRange = (item: Decoded): string | null =>
      !item.ok && item.reason === 'id_time_out_of_range' ? item.id : null
    // what lies ahead cannot be stored yet
    const late = decoded.flatMap((item) => outOfRange(item) ?? []).filter((id) => uuid7Ms(id) < now())
    if (late.length === 0) return decoded
    const stored = await store.findStored(tenantId, late)
    return decoded.map((item) => (stored.has(outOfRange(item) ?? '') ? 'duplicate' : item))
  }

  function conclude(decoded: (Decoded | 'duplicate')[], outcomes: Outcome[], nowMs: number): Verdict {
    const rejected: Verdict['rejected'] = []
    let accepted = 0
    let duplicates = 0
    let ignored = 0
    const reject = (index: number, { id, reason, detail }: Refused) => rejected.push({ index, id, reason, detail })
    const next = outcomes.values()
    for (const [index, item] of decoded.entries()) {
      if (item === 'duplicate') duplicates++
      else if (!item.ok) reject(index, item)
      else {
        const outcome = next.next().value
        if (outcome === 'accepted') accepted++
        else if (outcome === 'duplicate') duplicates++
        else if (outcome === 'erased') ignored++
        else
          reject(index, { id: item.event.id, reason: 'invalid_event', detail: 'The database cannot hold this event' })
      }
    }
    metrics.events.inc({ outcome: 'accepted' }, accepted)
    metrics.events.inc({ outcome: 'duplicate' }, duplicates)
    metrics.events.inc({ outcome: 'rejected' }, rejected.length)
    metrics.events.inc({ outcome: 'ignored' }, ignored)
    metrics.ignored.inc({ reason: 'erased' }, ignored)
    return { accepted, duplicates, ignored, rejected, server_time: new Date(nowMs).toISOString() }
  }
}

const isLead = (event: unknown): boolean =>
  typeof event === 'object' &&
  event !== null &&
  'type' in event &&
  (leadTypes as readonly unknown[]).includes(event.type)
