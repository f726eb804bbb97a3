import t from 'tap'
import { readConfig } from '../src/config.ts'

const databaseUrl = 'postgres://user@db.example/leadlight'

t.test('what is empty is unset, as what compose hands over for a variable that nobody gave', async (t) => {
  const names = [
    'HOST',
    'PORT',
    'PUBLIC_URL',
    'COLLECTOR_URL',
    'TRACES_URL',
    'GRAFANA_URL',
    'PROMETHEUS_URL',
    'LOG_LEVEL',
  ]
  const more = [
    'ALERTMANAGER_URL',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'TRUSTED_PROXIES',
    'VOLUMES',
    'SMTP_URL',
    'MAIL_FROM',
  ]
  const empty = Object.fromEntries([...names, ...more].map((name) => [name, '']))
  t.strictSame(readConfig({ DATABASE_URL: databaseUrl, ...empty }), readConfig({ DATABASE_URL: databaseUrl }))
})

t.test('an address has no slash at its end, since paths are appended', async (t) => {
  const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: 'https://lead.example/', TRACES_URL: 'http://traces:3200//' }
  t.match(readConfig(env), { publicUrl: 'https://lead.example', tracesUrl: 'http://traces:3200' })
})

t.test('what is missing or wrong is named, with what to do', async (t) => {
  t.throws(() => readConfig({}), { message: /^DATABASE_URL is not set. Set it, for example/ })
  for (const [name, value, message] of [
    ['PORT', '80a', /^PORT is "80a", which is no port. Set it to a number/],
    ['LIMIT_KEY_EVENTS_PER_SECOND', '-1', /which is no limit. Set it to a number, or to 0 for none/],
    ['VOLUMES', '/data', /^VOLUMES has "\/data". Write name=\/path/],
    ['SMTP_URL', 'mail.example', /^SMTP_URL looks like smtp:/],
    ['SMTP_URL', 'smtp://mail.example', /^MAIL_FROM is not set/],
  ] as const)
    t.throws(() => readConfig({ DATABASE_URL: databaseUrl, [name]: value }), { message })
})

t.test('nobody else reaches the operations port unless that was asked for', async (t) => {
  t.equal(readConfig({ DATABASE_URL: databaseUrl }).host, '127.0.0.1')
  t.equal(readConfig({ DATABASE_URL: databaseUrl, HOST: '0.0.0.0' }).host, '0.0.0.0')
})
