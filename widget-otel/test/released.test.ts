import { readFile } from 'node:fs/promises'
import t from 'tap'
import { build, type Manifest } from '../build.ts'
import released from '../released.json' with { type: 'json' }
import { findBreaches, type Released } from '../released.ts'

const dist = t.testdir()
await build(dist)
const manifest: Manifest = JSON.parse(await readFile(`${dist}/manifest.json`, 'utf8'))
const { version, files } = manifest
const changelog = await readFile(new URL('../../CHANGELOG.md', import.meta.url), 'utf8')
const asBuilt = Object.fromEntries(Object.entries(files).map(([name, { integrity }]) => [name, integrity]))
const script = `widget-${version}.js`

t.test('what was released under a version is what is built under it, and every release is kept', async (t) => {
  t.same(findBreaches(released as Released, manifest, changelog), [])
})

t.test('changes are free until a version is released, and after the version was raised', async (t) => {
  t.same(findBreaches({}, manifest, '## [Unreleased]\n'), [])
  t.same(findBreaches({ '0.0.9': { 'widget-0.0.9.js': 'sha384-old' } }, manifest, '## [0.0.9] - 2026-01-01\n'), [])
  t.same(findBreaches({ [version]: asBuilt }, manifest, `## [${version}]\n`), [])
})

t.test('a released file that changed, or is missing, asks for another version', async (t) => {
  t.same(findBreaches({ [version]: { ...asBuilt, [script]: 'sha384-other' } }, manifest, ''), [
    `${script} changed since release ${version}: raise the version in widget-otel/package.json`,
  ])
  t.match(findBreaches({ [version]: { ...asBuilt, 'widget-later-0.js': 'sha384-it' } }, manifest, ''), [
    /^widget-later-0.js changed since release/,
  ])
})

t.test('a release that is not kept says what to keep', async (t) => {
  const [breach = ''] = findBreaches({}, manifest, `## [${version}] - 2026-01-01\n`)
  t.match(breach, /keep it in widget-otel\/released.json as \{/)
  const kept = JSON.parse(breach.slice(breach.indexOf('{')))
  t.notOk('widget.js' in kept)
  t.same(findBreaches({ [version]: kept }, manifest, `## [${version}]\n`), [])
})
