// Who would be told of which alert, and what start.sh makes of an environment.
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { families } from 'prometheus/families'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { configure } from './alertmanager.ts'

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
    ['watchdog', ['alertname=Watchdog', 'severity=critical']],
  ]
  for (const [receiver, labels] of routes)
    await t.resolves(
      run('config', 'routes', 'test', `--config.file=${config}`, `--verify.receivers=${receiver}`, ...labels),
      `${labels.join(' ')} → ${receiver}`,
    )
})

t.test('every alert of the rules reaches the receiver of its severity', async (t) => {
  const alerts = families.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule] : [])))
  t.ok(alerts.length)
  for (const { alert, labels } of alerts)
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

t.test(
  'every kind of receiver that the environment names is valid, its secrets in files of its owner alone',
  async (t) => {
    const { directory, config } = await configure(t, {
      ON_CALL_URL: 'https://hooks.example/secret-1',
      ON_CALL_EMAIL: 'on-call@example.com',
      ON_CALL_SLACK_URL: 'https://hooks.slack.example/secret-2',
      ON_CALL_SLACK_CHANNEL: '#on-call',
      ON_CALL_PAGERDUTY_KEY: 'secret-3',
      TICKETS_EMAIL: 'team@example.com',
      SMTP_HOST: 'smtp.example.com:587',
      SMTP_FROM: 'leadlight@example.com',
      SMTP_USER: 'leadlight',
      SMTP_PASSWORD: 'secret-4',
    })
    await t.resolves(run('check-config', `${directory}/alertmanager.yml`))
    t.notMatch(config, /secret-/)
    for (const [file, held] of Object.entries({
      'on-call.url': 1,
      'on-call.slack': 2,
      'on-call.pagerduty': 3,
      'smtp.password': 4,
    })) {
      t.match(readFileSync(`${directory}/receivers/${file}`, 'utf8'), new RegExp(`secret-${held}$`))
      t.equal(statSync(`${directory}/receivers/${file}`).mode & 0o077, 0, `${file} is its owner's`)
    }
    t.match(config, /- name: watchdog\n$/, 'without a dead man nobody is told of the watchdog')
  },
)

t.test('a receiver that is not named any more is gone', async (t) => {
  const { directory } = await configure(t, { TICKETS_URL: 'http://127.0.0.1:9/' })
  await t.resolves(run('check-config', `${directory}/alertmanager.yml`))
  t.throws(() => statSync(`${directory}/receivers/on-call.url`))
})

t.test('what does not look right is refused by its name', async (t) => {
  const smtp = { SMTP_HOST: 'smtp.example.com:587', SMTP_FROM: 'leadlight@example.com' }
  const wrong: [string, Record<string, string>][] = [
    ['ON_CALL_EMAIL', { ON_CALL_EMAIL: 'a@b.example\n  - name: evil', ...smtp }],
    ['SMTP_HOST', { ON_CALL_EMAIL: 'a@b.example', SMTP_FROM: 'a@b.example' }],
    ['SMTP_PASSWORD', { ON_CALL_EMAIL: 'a@b.example', SMTP_USER: 'me', ...smtp }],
    ['ON_CALL_SLACK_CHANNEL', { ON_CALL_SLACK_URL: 'https://x.example', ON_CALL_SLACK_CHANNEL: "x', y: '" }],
    ['GRAFANA_URL', { GRAFANA_URL: 'http://x.example/{{ .Labels.x }}' }],
    ['ON_CALL_URL_FILE', { ON_CALL_URL_FILE: '/nowhere/at/all' }],
  ]
  for (const [name, env] of wrong) await t.rejects(configure(t, env), { message: new RegExp(name) }, name)
})
