// The process: reads the environment, opens the ports, migrates, and stops without losing what it holds.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { measureActivity } from './activity.ts'
import { watchAddresses } from './addresses.ts'
import { buildApp } from './app.ts'
import { commitRows } from './commit.ts'
import { readConfig } from './config.ts'
import { openPool } from './database.ts'
import { requireDurability } from './durability.ts'
import { exportExpected } from './expected.ts'
import { watchHealth } from './health.ts'
import { createLimits } from './limits.ts'
import { createLogger } from './log.ts'
import { sendMondayMails } from './mail/monday.ts'
import { openTransport } from './mail/transport.ts'
import { maintain } from './maintenance.ts'
import { createMetrics } from './metrics.ts'
import { migrate } from './migrate.ts'
import { buildOperations } from './operations.ts'
import { createRejects } from './rejects.ts'
import { type Repeated, repeat } from './repeat.ts'
import { oldestCountable, rollUp } from './rollup.ts'
import { createSightings } from './sightings.ts'
import { exportSilence, watchForSilence } from './silence.ts'
import { createSites } from './sites.ts'
import { createStore } from './store.ts'
import { countStretches } from './stretches.ts'
import { createTraces } from './traces/client.ts'
import { startTracing } from './tracing.ts'
import { watchUpkeep } from './upkeep.ts'
import { measureVolumes } from './volumes.ts'
import { createWriter } from './writer.ts'

const retryMs = 2_000
const maintenanceMs = 3_600_000
const rollupMs = 2_000
const segmentsMs = 3_000
/** At one time: as long as the roll-up may wait. */
const maxSegmentsMs = 1_000
const mailMs = 30_000
const measureMs = 15_000
/** A connection attempt that takes longer counts as "database away", in milliseconds. */
const connectMs = 1_500
/** Longest time from SIGTERM to the last answer, in milliseconds. */
const lastAnswersMs = 8_000
/** Longest time from SIGTERM to the end, in milliseconds. */
const stopMs = 12_000

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const { version } = JSON.parse(readFileSync(path('../package.json'), 'utf8')) as { version: string }
  const logger = createLogger(config.logLevel)
  const onError = (error: Error): void =>
    logger.warn({ err: error }, 'a database connection broke; the pool replaces it')

  const pool = (options: Omit<Parameters<typeof openPool>[1], 'onError'>): pg.Pool =>
    openPool(config.databaseUrl, { ...options, connectMs, onError })
  const owner = pool({ size: 1, statementMs: 60_000 })
  const writing = pool({ role: 'leadlight_ingest', size: 2, statementMs: 3_000 })
  const ingest = pool({ role: 'leadlight_ingest', size: 4, statementMs: 2_000 })
  const reader = pool({ role: 'leadlight_reader', size: 4, statementMs: 10_000 })
  const counting = pool({ role: 'leadlight_rollup', size: 3, statementMs: 60_000 })

  const metrics = createMetrics(version, () => writer)
  const health = watchHealth(ingest, metrics)
  const writer = createWriter(async (rows) => {
    metrics.groupRows.observe(rows.length)
    const end = metrics.commitSeconds.startTimer()
    try {
      return await commitRows(writing, rows)
    } finally {
      end()
    }
  })
  const traces = createTraces(config.tracesUrl)
  const sightings = createSightings(ingest)
  const rejects = createRejects(ingest)
  const tracing = config.otlpEndpoint ? startTracing(config.otlpEndpoint, version) : undefined
  const app = await buildApp({
    logger,
    metrics,
    version,
    publicUrl: config.publicUrl,
    collectorUrl: config.collectorUrl,
    trustedProxies: config.trustedProxies,
    sites: createSites(ingest, Date.now, sightings.refused),
    sightings,
    limits: createLimits(
      config.limits,
      Date.now,
      watchAddresses(() =>
        logger.warn(
          'all visitors of this hour have one address: if a proxy stands before the service, name it in TRUSTED_PROXIES',
        ),
      ),
    ),
    store: createStore(ingest),
    writer,
    rejects,
    traces,
    ingest,
    reader,
    now: Date.now,
    tracing: tracing?.plugin,
    portalDirectory: path('../../portal/dist'),
    widgetDirectory: path('../../widget-otel/dist'),
  })
  const operations = buildOperations({ metrics, health, traces, grafanaUrl: config.grafanaUrl, surroundings: config })

  const mailFailed = (error: Error): void => logger.warn({ err: error }, 'Monday mails could not be looked after')
  const mondayMails = ({ url, from }: NonNullable<typeof config.mail>): (() => Promise<unknown>) => {
    const transport = openTransport(url)
    const failed = (err: Error, tenantId: string): void =>
      logger.warn({ err, tenantId }, 'a Monday mail could not be sent; trying again')
    const { publicUrl } = config
    return () => sendMondayMails({ db: counting, reader, transport, from, publicUrl, failed }, new Date())
  }

  let upkeep: { close(): void } | undefined
  const repeated: Repeated[] = [
    repeat(
      measureMs,
      () => measureVolumes(config.volumes, metrics),
      () => {},
    ),
  ]
  let stopping = false
  const keepUp = (): void => {
    maintain(owner, new Date()).then(
      (dropped) => dropped && logger.info({ dropped }, 'partitions are made and old ones dropped'),
      (error) => logger.error({ err: error }, 'maintenance failed; trying again in an hour'),
    )
  }
  const maintenance = setInterval(keepUp, maintenanceMs)

  async function stop(signal: string): Promise<void> {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping: finishing what is held')
    setTimeout(() => {
      logger.error('not finished in time; what is unanswered will be sent again')
      process.exit(1)
    }, stopMs).unref()
    // whoever has not sent a whole request by then is told to come again
    setTimeout(() => {
      app.refuseIncomplete()
      setTimeout(() => app.server.closeAllConnections(), 500).unref()
    }, lastAnswersMs).unref()
    health.stopping()
    clearInterval(maintenance)
    await app.close()
    await writer.drain()
    await rejects.close()
    await Promise.all(repeated.map((each) => each.close()))
    await operations.close()
    await tracing?.stop()
    health.close()
    upkeep?.close()
    await Promise.all([owner, writing, ingest, reader, counting].map((each) => each.end()))
    logger.info('stopped')
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void stop(signal))

  await operations.listen({ host: config.host, port: config.operationsPort })
  await app.listen({ host: config.host, port: config.port })
  while (!stopping) {
    try {
      await requireDurability(owner, { fullPageWritesOff: config.allowFullPageWritesOff })
      const applied = await migrate(owner)
      upkeep = watchUpkeep(ingest, metrics)
      health.migrated()
      keepUp()
      repeated.push(
        repeat(
          measureMs,
          () => measureActivity(ingest, metrics),
          () => {},
        ),
        repeat(
          rollupMs,
          () => rollUp(counting, oldestCountable(new Date())),
          (error) => logger.warn({ err: error }, 'the roll-up failed; what it took is counted next time'),
        ),
        repeat(
          segmentsMs,
          () => countStretches(counting, new Date(), oldestCountable(new Date()), maxSegmentsMs),
          (error) => logger.warn({ err: error }, 'days and hours could not be counted by segment; tried again'),
        ),
        watchForSilence(counting, (error) => logger.warn({ err: error }, 'silence could not be looked for')),
        exportSilence(ingest, metrics),
        exportExpected(counting, metrics),
        ...(config.mail ? [repeat(mailMs, mondayMails(config.mail), mailFailed)] : []),
      )
      logger.info({ applied, publicUrl: config.publicUrl }, 'ready')
      return
    } catch (error) {
      if (!isAway(error)) throw error
      logger.warn({ reason: (error as Error).message }, 'the database is not there yet; trying again')
      await wait(retryMs)
    }
  }
}

/** Not there now, perhaps later: no connection, or a server that is starting up or shutting down (SQLSTATE class 57P, 08). */
function isAway(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string }
  return /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|57P|08)/.test(code ?? '') || /timeout|terminated/i.test(message)
}

main().catch((error: Error) => {
  process.stderr.write(`ingest-service cannot start: ${error.message}\n`)
  process.exit(1)
})
