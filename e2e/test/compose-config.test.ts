// docker-compose.yml as the real `docker compose config` reads it: that it does, what it publishes, and what it keeps how long.
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { defaultConfig } from 'stack/config'
import { toolPath } from 'stack/tools'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const compose = await toolPath('compose')
const example = readFileSync(join(root, '.env.example'), 'utf8')
const directory = t.testdir({ empty: '', filled: example.replace(/^(\w+PASSWORD)=$/gm, '$1=secret') })

type Service = {
  image: string
  command?: string[]
  environment: Record<string, string>
  ports?: { host_ip?: string; published: string; target: number }[]
  networks: Record<string, unknown>
}
type Config = { services: Record<string, Service>; networks: Record<string, { internal?: boolean }> }

/** What Docker would run, with these variables and nothing of this machine's environment. */
async function read({ file = 'filled', overlays = [] as string[], env = {} }): Promise<Config> {
  const files = ['docker-compose.yml', ...overlays].flatMap((name) => ['-f', join(root, name)])
  const args = ['--env-file', join(directory, file), ...files, 'config', '--format', 'json']
  const { stdout } = await promisify(execFile)(compose, args, { env: { HOME: directory, ...env } })
  return JSON.parse(stdout)
}
const { services, networks } = await read({})

t.test('without passwords it says what to do', async (t) => {
  await t.rejects(read({ file: 'empty' }), /copy \.env\.example to \.env and fill in its passwords/)
})

t.test('every variable of .env.example may be set as it stands there', async (t) => {
  writeFileSync(
    join(directory, 'all'),
    example.replace(/^#?([A-Z_]+)=(.*)$/gm, (_, name, value) => `${name}=${value || 'x'}`),
  )
  const { services } = await read({ file: 'all' })
  t.match(services['ingest-service']?.environment, { TRUSTED_PROXIES: 'x', DEADMAN_URL: 'x' })
})

t.test('exactly these ports are published, and only the public door beyond this machine', async (t) => {
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.map(({ host_ip = '*', published, target }) => `${name} ${host_ip}:${published}:${target}`),
  )
  t.strictSame(published.sort(), [
    'alertmanager 127.0.0.1:9093:9093',
    'alerts 127.0.0.1:8091:8091',
    'demo 127.0.0.1:8090:8090',
    'grafana 127.0.0.1:3000:3000',
    'ingest-service *:8080:8080',
    'ingest-service 127.0.0.1:8081:8081',
    'prometheus 127.0.0.1:9090:9090',
  ])
})

t.test('collector and databases are in no network with a way out', async (t) => {
  for (const name of ['collector', 'tempo', 'postgres'])
    t.ok(
      Object.keys(services[name]?.networks ?? {}).every((network) => networks[network]?.internal),
      name,
    )
})

t.test('traces and metrics are kept as long as without Docker', async (t) => {
  const { traceRetention, prometheusMaxSize } = defaultConfig({ dataDir: directory })
  t.equal(services.tempo?.environment.TRACE_RETENTION, traceRetention)
  for (const store of ['tempo/tempo.yaml', 'stack/jaeger.yaml'])
    t.match(readFileSync(join(root, store), 'utf8'), `TRACE_RETENTION:-${traceRetention}}`, store)
  const retention = services.prometheus?.command?.filter((argument) => argument.includes('retention'))
  t.strictSame(retention, ['--storage.tsdb.retention.time=100d', `--storage.tsdb.retention.size=${prometheusMaxSize}`])
  t.match(readFileSync(join(root, 'stack/src/signals.ts'), 'utf8'), retention?.[0])
})

t.test('with a bucket the traces go there, and nothing else changes', async (t) => {
  const keys = { TEMPO_S3_ACCESS_KEY: 'a', TEMPO_S3_SECRET_KEY: 's' }
  const env = { TEMPO_S3_BUCKET: 'traces', TEMPO_S3_ENDPOINT: 's3.example', ...keys }
  const { services: changed } = await read({ overlays: ['tempo/s3.yml'], env })
  t.match(changed.tempo?.environment, { TEMPO_BACKEND: 's3', ...env })
  const set = Object.keys(changed.tempo?.environment ?? {}).filter((name) => /BACKEND|S3/.test(name))
  t.strictSame(
    set.filter((name) => !readFileSync(join(root, 'tempo/tempo.yaml'), 'utf8').includes(`\${${name}:-`)),
    [],
    'Tempo reads each',
  )
  const { tempo: _, ...others } = services
  const { tempo: __, ...changedOthers } = changed
  t.strictSame(changedOthers, others)
})
