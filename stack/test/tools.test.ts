import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { inputsHash, isBuilt, toolPath } from '../src/tools.ts'

/** A `go` that says its version and builds what the script says; the cache is empty. */
function fakeGo(t: Test, build: string, version = 'go1.99.1') {
  const directory = t.testdir({ bin: {}, cache: {} })
  const go = `#!/bin/sh
if [ "$1" = env ]; then echo ${version}; exit; fi
for argument; do [ "$last" = -o ] && output=$argument; last=$argument; done
${build}
`
  writeFileSync(join(directory, 'bin/go'), go)
  chmodSync(join(directory, 'bin/go'), 0o755)
  const { PATH, XDG_CACHE_HOME } = process.env
  process.env.PATH = `${join(directory, 'bin')}:${PATH}`
  process.env.XDG_CACHE_HOME = join(directory, 'cache')
  t.teardown(() => {
    process.env.PATH = PATH
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME
  })
  return join(directory, 'cache/leadlight/tools')
}

const quiet = { onProgress: () => {} }

t.test('a tool is built once, kept under its inputs and the Go version, and told about', async (t) => {
  const cache = fakeGo(t, 'sleep 0.3; touch "$output/jaeger"; echo x >> "$XDG_CACHE_HOME/builds"')
  const lines: string[] = []
  const onProgress = (line: string) => lines.push(line)
  t.notOk(await isBuilt('jaeger'))
  const [path, again] = await Promise.all([toolPath('jaeger', { onProgress }), toolPath('jaeger', { onProgress })])
  t.equal(path, join(cache, `jaeger-${inputsHash('jaeger')}-go1.99.1`, 'jaeger'))
  t.equal(again, path)
  t.ok(await isBuilt('jaeger'))
  t.equal(readdirSync(cache).filter((entry) => entry.startsWith('building-')).length, 0)
  // by whichever of the two came first
  t.equal(lines.filter((line) => line.startsWith('Jaeger: building, once for this machine')).length, 1)
})

t.test('another Go version builds anew', async (t) => {
  const cache = fakeGo(t, 'touch "$output/jaeger"', 'go1.99.2')
  t.match(await toolPath('jaeger', quiet), new RegExp(`^${cache}/jaeger-[0-9a-f]+-go1\\.99\\.2/jaeger$`))
})

t.test('each kit has a hash of its own inputs', async (t) => {
  const hashes = (['collector', 'prometheus', 'alertmanager', 'jaeger', 'compose'] as const).map(inputsHash)
  t.equal(new Set(hashes).size, 5)
  for (const hash of hashes) t.match(hash, /^[0-9a-f]{16}$/)
})

t.test('a build that fails says why and leaves nothing that looks built', async (t) => {
  const cache = fakeGo(t, 'echo "module lookup disabled" >&2; exit 1')
  await t.rejects(toolPath('jaeger', quiet), /Jaeger could not be built:\nmodule lookup disabled/)
  t.same(
    readdirSync(cache).filter((entry) => !entry.startsWith('lock')),
    [],
  )
  t.notOk(await isBuilt('jaeger'))
})

t.test('what a killed build has left is not taken for a tool, and is cleared away', async (t) => {
  const cache = fakeGo(
    t,
    'touch "$output/jaeger"; [ -e "$XDG_CACHE_HOME/go" ] || { touch "$XDG_CACHE_HOME/go"; exit 1; }',
  )
  await t.rejects(toolPath('jaeger', quiet))
  writeFileSync(join(cache, 'building-abc'), '')
  await toolPath('jaeger', quiet)
  t.notOk(readdirSync(cache).includes('building-abc'))
})

t.test('a build can be stopped', async (t) => {
  fakeGo(t, 'exec sleep 60')
  await t.rejects(toolPath('jaeger', { ...quiet, signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' })
})

t.test('without Go, and with one that is too old, the error says what to do', async (t) => {
  fakeGo(t, '')
  for (const path of ['/no/such/directory', process.env.PATH?.split(':')[0]]) {
    if (path !== '/no/such/directory') writeFileSync(join(path as string, 'go'), '#!/bin/sh\nexit 1\n')
    process.env.PATH = path
    await t.rejects(toolPath('jaeger', quiet), {
      name: 'GoMissing',
      message:
        /^Go 1\.26 or newer is needed to build Jaeger; get it from https:\/\/go\.dev\/dl; the core runs without it$/,
    })
  }
})
