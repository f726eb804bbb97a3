// More of the fault table: what browsers alone can tell of, and the backup, of which a program of the operator's tells.
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Fault } from './faults.ts'
import { call, makeSpan, openForger } from './forger.ts'
import { eventOf, post } from './payloads.ts'
import type { Tenants } from './tenants.ts'
import type { Watched } from './watched.ts'

const pauseMs = 500
const browser = { origin: 'https://www.site.example', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }

/** Goes on with it from the fault's begin to its end, whatever becomes of a single try. */
function again(act: () => Promise<unknown>): Pick<Fault, 'begin' | 'end'> {
  const stop = new AbortController()
  let going: Promise<void> | undefined
  const go = async () => {
    while (!stop.signal.aborted) {
      await act().catch(() => {})
      await setTimeout(pauseMs)
    }
  }
  return {
    async begin() {
      going = go()
    },
    async end() {
      stop.abort()
      await going
    },
  }
}

/** Took so long, in milliseconds, and is over now. */
const lasting = (ms: number) => ({
  startTimeUnixNano: `${Date.now() - ms}000000`,
  endTimeUnixNano: `${Date.now()}000000`,
})

export function toldByOthers(watched: Watched, tenants: Tenants): Fault[] {
  const { stack, dataDir } = watched
  const forgers = tenants.all.map(({ site_key }) => openForger(stack.publicUrl, site_key))
  const [first, ...others] = forgers
  const many = <T>(make: () => T) => Array.from({ length: 8 }, make)
  const targets = (addresses: string[]) =>
    writeFile(join(dataDir, 'prometheus/config/targets/prometheus.json'), JSON.stringify([{ targets: addresses }]))
  const prometheus = `127.0.0.1:${stack.ports.PROMETHEUS_PORT}`
  const backup = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(`leadlight_backup_last_success_timestamp_seconds ${Math.floor(Date.now() / 1_000) - 2 * 86_400}\n`)
  })
  return [
    {
      what: 'a site sends events that there are not',
      raises: 'EventsRejected',
      box: 'tickets',
      ...again(() => {
        const events = many(() => eventOf('widget_opened', crypto.randomUUID(), { type: 'nonsense' }))
        return post(stack.publicUrl, { site_key: tenants.all[0]?.site_key, events }, browser)
      }),
    },
    {
      what: 'the widget fails in browsers',
      raises: 'WidgetErrorRateHigh',
      box: 'tickets',
      ...again(async () => first?.send(many(() => makeSpan('widget_error')))),
    },
    {
      what: 'the widget takes six seconds to load',
      raises: 'WidgetLoadSlow',
      box: 'tickets',
      ...again(async () => first?.send(many(() => makeSpan('widget_loaded', lasting(6_000))))),
    },
    {
      what: "the widget's API takes nine seconds to estimate",
      raises: 'WidgetApiSlow',
      box: 'tickets',
      ...again(async () => first?.send(many(() => call(false, 'create_estimate', lasting(9_000))))),
    },
    {
      what: "calls to the widget's API fail for one tenant of five",
      raises: 'TenantApiErrorRateHigh',
      box: 'tickets',
      ...again(() =>
        Promise.all([
          first?.send(many(() => call(true))),
          ...others.map((forger) => forger.send(Array.from({ length: 16 }, () => call(false)))),
        ]),
      ),
    },
    {
      what: 'the last backup is two days old',
      raises: 'BackupOld',
      box: 'tickets',
      async begin() {
        await once(backup.listen(0, '127.0.0.1'), 'listening')
        await targets([prometheus, `127.0.0.1:${(backup.address() as AddressInfo).port}`])
      },
      async end() {
        await targets([prometheus])
        backup.closeAllConnections()
        backup.close()
      },
    },
  ]
}
