// Who would be told of which alert.
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../..', import.meta.url))
const config = 'alertmanager/alertmanager.yml'
const amtool = await toolPath('amtool')
const run = (...args: string[]) => promisify(execFile)(amtool, args, { cwd: root })

const receivers = { critical: 'on-call', warning: 'tickets', none: 'watchdog' } as const

t.test('Alertmanager calls its configuration valid', async (t) => {
  await t.resolves(run('check-config', config))
})

t.test('critical goes to on-call, the watchdog to its own receiver, everything else to tickets', async (t) => {
  const routes: [string, string[]][] = [
    ['on-call', ['alertname=Any', 'severity=critical']],
    ['tickets', ['alertname=Any', 'severity=warning']],
    ['tickets', ['alertname=Any', 'severity=info']],
    ['tickets', ['alertname=Any']],
    ['tickets', ['alertname=Any', 'severity=CRITICAL']],
    ['watchdog', ['alertname=Watchdog', 'severity=none']],
  ]
  for (const [receiver, labels] of routes)
    await t.resolves(
      run('config', 'routes', 'test', `--config.file=${config}`, `--verify.receivers=${receiver}`, ...labels),
      `${labels.join(' ')} → ${receiver}`,
    )
})

t.test('every alert of the rules reaches the receiver of its severity', async (t) => {
  const rules = globSync('prometheus/rules/*.yml', { cwd: root })
    .flatMap((file) => parse(readFileSync(`${root}/${file}`, 'utf8')).groups)
    .flatMap((group) => group.rules as { alert?: string; labels: { severity: keyof typeof receivers } }[])
    .filter(({ alert }) => alert)
  t.ok(rules.length)
  for (const { alert, labels } of rules)
    await t.resolves(
      run(
        ...['config', 'routes', 'test', `--config.file=${config}`, `--verify.receivers=${receivers[labels.severity]}`],
        ...[`alertname=${alert}`, `severity=${labels.severity}`],
      ),
      `${alert} → ${receivers[labels.severity]}`,
    )
})

t.test('a wrong expectation is noticed', async (t) => {
  const args = ['config', 'routes', 'test', `--config.file=${config}`, '--verify.receivers=tickets']
  await t.rejects(run(...args, 'alertname=Any', 'severity=critical'))
})
