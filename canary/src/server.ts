// The process: visits once a minute, tells Prometheus how it went, and logs one line whenever that changes.
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { type CanaryCheck, canaryChecks } from 'contract/metrics'
import { readCertificateExpiry } from './certificate.ts'
import { readConfig } from './config.ts'
import { createMetrics } from './metrics.ts'
import { type Places, type Result, runRound } from './round.ts'

const requestMs = 10_000
/** Longest search for one visit: span metrics take half a minute, and by the next visit it is over, at one a minute. */
const patienceMs = 48_000

async function main() {
  const { host, port, url, tenant, prometheusUrl, intervalMs } = readConfig(process.env)
  const places: Places = {
    door: { url, siteKey: tenant.site_key, timeoutMs: requestMs },
    reader: { url, readToken: tenant.read_token, timeoutMs: requestMs },
    metrics: prometheusUrl ? { prometheusUrl, tenantId: tenant.tenant_id, timeoutMs: requestMs } : undefined,
  }
  const checks = canaryChecks.filter((check) => check !== 'metric' || places.metrics)
  const metrics = createMetrics(checks, Date.now())
  const stopping = new AbortController()
  const failing = new Set<CanaryCheck>()

  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return response.writeHead(request.url === '/health' ? 200 : 404).end()
    void metrics.registry.metrics().then((text) => {
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text)
    })
    return response
  })
  server.listen(port, host, () => console.log(`listening on ${host}:${port}, visiting ${url}`))
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      stopping.abort()
      server.close()
      server.closeAllConnections()
    })

  function report({ check, delayMs, problem, skewMs }: Result) {
    metrics.checks.inc({ check, outcome: problem ? 'failure' : 'success' })
    if (skewMs !== undefined) metrics.clockSkew.set(skewMs / 1_000)
    if (delayMs !== undefined) {
      metrics.lastSuccess.set({ check }, Date.now() / 1_000)
      metrics.delay.set({ check }, delayMs / 1_000)
      if (failing.delete(check)) console.log(`${check}: found again after ${Math.round(delayMs)} ms`)
    } else if (!failing.has(check)) {
      failing.add(check)
      console.log(`${check}: ${problem}`)
    }
  }

  while (!stopping.signal.aborted) {
    // not waited for: the next visit is on time even when this one is not found
    void runRound(places, patienceMs, report)
    void readCertificateExpiry(url, requestMs).then(
      (expiry) => metrics.certificateExpiry.set(expiry),
      () => {},
    )
    await setTimeout(intervalMs, undefined, { signal: stopping.signal }).catch(() => {})
  }
  // a round under way has nothing to finish
  process.exit(0)
}

main().catch((error: Error) => {
  process.stderr.write(`canary cannot start: ${error.message}\n`)
  process.exit(1)
})
