// `leadlight alerts …`: a test page, and silence for maintenance. They need Alertmanager only, not the database.
import { userInfo } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { runbookUrl } from 'contract/runbooks'
import { type Alertmanager, openAlertmanager } from '../operator/alertmanager.ts'
import { readDuration } from './arguments.ts'
import { findAlertmanager } from './connection.ts'
import { print, withJson } from './run.ts'

const askMs = 5_000
/** Alertmanager waits 10 s for more of the same before it pages, and a minute after a page before the next of its name. */
const deliveryMs = 90_000
const pollMs = 1_000
const testName = 'LeadlightTest'
/** The receiver of what is critical, in alertmanager.yml. */
const onCall = 'on-call'

/** Adds the commands to the program. */
export function alertCommands(program: Command): void {
  const alerts = program.command('alerts').description('a test page, and silence for maintenance')

  withJson(alerts.command('test').description('send a test page to on-call and wait until it is delivered')).action(
    (options) =>
      print(options, async () => {
        const receivers = await sendTest(open())
        return [{ delivered: true, receivers }, `The test page is delivered: ${receivers.join(', ')}`]
      }),
  )

  withJson(alerts.command('silence').description('tell nobody for a while; the watchdog goes on'))
    .requiredOption('--for <duration>', 'such as 30m or 2h', readSilence)
    .option('--alert <name>', 'only this one, such as CollectorDown; all unless given')
    .option('--comment <text>', 'why, for whoever wonders', 'maintenance')
    .action((options) =>
      print(options, async () => {
        const { alert, for: seconds, comment } = options
        const id = await open().silence({ alert, seconds, comment, by: userInfo().username })
        const until = new Date(Date.now() + seconds * 1_000).toISOString()
        const what = alert ?? 'Everything but the watchdog'
        return [
          { silence_id: id, until },
          `${what} is silent until ${until}; \`leadlight alerts unsilence ${id}\` ends it`,
        ]
      }),
    )

  withJson(alerts.command('unsilence').description('end a silence now'))
    .argument('<id>', 'as `leadlight alerts silence` printed it')
    .action((id, options) =>
      print(options, async () => {
        await open().endSilence(id)
        return [{ silence_id: id, ended: true }, `${id} is ended`]
      }),
    )
}

const open = (): Alertmanager => openAlertmanager(findAlertmanager(process.env), askMs)

/** @returns the receivers it went to. @throws when it was not delivered */
async function sendTest(alertmanager: Alertmanager): Promise<string[]> {
  const before = await alertmanager.countNotifications(onCall)
  // a name of its own: the same one again within hours would be the same alert, and told to nobody
  const labels = { alertname: testName, severity: 'critical', test: new Date().toISOString() }
  await alertmanager.report([
    {
      labels,
      annotations: {
        summary: 'This is a test.',
        description: 'Sent by `leadlight alerts test`. Nothing is wrong; nothing is to be done.',
        runbook_url: runbookUrl('Watchdog'),
      },
      // without it Alertmanager takes the end for the beginning
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 2 * deliveryMs).toISOString(),
    },
  ])
  const endMs = performance.now() + deliveryMs
  let receivers: string[] = []
  while (performance.now() < endMs) {
    await setTimeout(pollMs)
    const own = (await alertmanager.list()).find(({ labels: { test } }) => test === labels.test)
    if (own?.status.silencedBy.length)
      throw new Error(
        `Alertmanager is told to be silent: \`leadlight alerts unsilence ${own.status.silencedBy[0]}\` ends that`,
      )
    receivers = own?.receivers.map(({ name }) => name) ?? []
    const { sent, failed } = await alertmanager.countNotifications(onCall)
    if (failed > before.failed)
      throw new Error(`Alertmanager could not deliver to ${receivers.join(', ')}: its log says why`)
    if (sent > before.sent) return receivers
  }
  throw new Error(`Nothing was delivered within ${deliveryMs / 1_000} s to ${receivers.join(', ') || 'anybody'}`)
}

function readSilence(text: string): number {
  const seconds = readDuration(text)
  if (seconds < 60 || seconds > 7 * 86_400) throw new InvalidArgumentError('A silence lasts from 1m to 7d')
  return seconds
}
