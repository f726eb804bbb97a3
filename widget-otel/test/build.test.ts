import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { batchSchema, verdictSchema } from 'contract/envelope'
import { launchBrowser } from 'stack/browser'
import t from 'tap'
import { build, insideNames, type Manifest } from '../build.ts'

const dist = t.testdir()
await build(dist)
const { version, files }: Manifest = JSON.parse(await readFile(`${dist}/manifest.json`, 'utf8'))
const lazy = Object.keys(files).find((name) => name.startsWith('widget-later-')) ?? ''

t.test('the tag is there under a short-lived and an immutable name, with its lazy part and source maps', async (t) => {
  t.same(Object.keys(files), ['widget.js', `widget-${version}.js`, `widget-${version}.mjs`, lazy])
  t.match(lazy, /^widget-later-[0-9a-f]{8}\.js$/)
  const text = await readFile(`${dist}/widget.js`, 'utf8')
  t.equal(text, await readFile(`${dist}/widget-${version}.js`, 'utf8'))
  t.ok(text.includes(lazy), 'and names the lazy part')
  t.ok(text.startsWith('//# allFunctionsCalledOnLoad\n'), 'and is compiled before the main thread needs it')
  t.ok((await readFile(`${dist}/widget-${version}.mjs`, 'utf8')).includes(`import("./${lazy}")`))
  for (const name of [`widget-${version}.js`, `widget-${version}.mjs`, lazy])
    t.ok(JSON.parse(await readFile(`${dist}/${name}.map`, 'utf8')).sources.length)
})

t.test('integrity is what a browser will compute', async (t) => {
  for (const [name, { integrity, bytes }] of Object.entries(files)) {
    const content = await readFile(`${dist}/${name}`)
    t.equal(integrity, `sha384-${createHash('sha384').update(content).digest('base64')}`)
    t.equal(bytes, content.length)
    t.same(gunzipSync(await readFile(`${dist}/${name}.gz`)), content)
  }
})

t.test('a page pays for little at first, and for OpenTelemetry never in one go', async (t) => {
  const gzip = (name: string) => files[name]?.gzip ?? Number.NaN
  t.ok(gzip('widget.js') <= 4_000, `${gzip('widget.js')} bytes first`)
  t.ok(gzip('widget.js') + gzip(lazy) <= 20_500, `${gzip('widget.js') + gzip(lazy)} bytes in all`)
  t.notOk((await readFile(`${dist}/widget.js`, 'utf8')).includes('opentelemetry'))
})

t.test(
  'OpenTelemetry’s messages about itself are left out, so that none turns up in the logger of a page',
  async (t) => {
    const text = await readFile(`${dist}/${lazy}`, 'utf8')
    t.ok(text.includes('opentelemetry.js.api'), 'OpenTelemetry is in it')
    t.notMatch(text, /queue size reached|Unsupported|invalid, defaulting|items to be sent/)
  },
)

t.test('names that the build shortens are known to no browser, and are in no message', async (t) => {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  const known = await page.evaluate(() => {
    const names = new Set<string>()
    const seen = new Set<unknown>()
    const waiting: unknown[] = [window]
    for (const value of waiting) {
      if (seen.has(value) || !(value instanceof Object || typeof value === 'object') || !value) continue
      seen.add(value)
      for (const [name, { value: inner, get }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
        names.add(name)
        waiting.push(inner, get)
      }
      waiting.push(Object.getPrototypeOf(value))
    }
    return [...names]
  })
  t.ok(known.length > 4_000 && known.includes('sendBeacon'), `${known.length} names`)
  t.same(
    insideNames.filter((name) => known.includes(name)),
    [],
  )
  const messages = JSON.stringify([batchSchema, verdictSchema])
  t.same(
    insideNames.filter((name) => messages.includes(`"${name}"`)),
    [],
  )
})
