import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { wrongImports } from '../src/imports.ts'

const root = join(import.meta.dirname, '../..')

t.test('the imports of this repository go one way', async (t) => {
  t.same(await wrongImports(root), [])
})

t.test('an import that goes the wrong way, or is not declared, is named with its place', async (t) => {
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(t.testdirName, file)), { recursive: true })
    writeFileSync(join(t.testdirName, file), text)
  }
  const plant = (file: string, ...imported: string[]) =>
    write(file, imported.map((specifier) => `import '${specifier}'\n`).join(''))
  t.testdir({})
  write('package.json', '{"devDependencies": {"tap": "1.0.0"}}')
  write(
    'ingest-service/package.json',
    '{"dependencies": {"@fastify/cors": "1.0.0"}, "devDependencies": {"pg": "1.0.0"}}',
  )
  write('demo/package.json', '{"dependencies": {"widget-otel": "1.0.0"}}')
  write('stack/package.json', '{"dependencies": {"playwright-core": "1.0.0"}}')
  write('e2e/package.json', '{"dependencies": {"ingest-service": "1.0.0"}}')
  plant('widget-otel/src/a.ts', 'ingest-service/writer')
  plant('ingest-service/src/cli/a.ts', 'pg', 'widget-otel')
  plant('contract/src/a.ts', 'stack/tools')
  plant('portal/src/a.ts', '../../contract/src/events.ts')
  plant('demo/src/a.ts', 'stack/tools', 'widget-otel')
  plant('demo/test/a.test.ts', 'stack/tools', 'playwright-core', 'pino')
  plant('e2e/test/a.test.ts', 'ingest-service/writer')
  plant('ingest-service/src/routes/a.ts', 'node:fs', 'events', '@fastify/cors', '@fastify/otel/register', 'tap', 'pino')
  t.same((await wrongImports(t.testdirName)).sort(), [
    'contract/src/a.ts:1 imports stack, which contract may not know',
    'demo/src/a.ts:1 imports stack, which demo may not know',
    'demo/test/a.test.ts:3 imports pino, which demo/package.json does not name',
    'ingest-service/src/cli/a.ts:2 imports widget-otel, which ingest-service may not know',
    'ingest-service/src/routes/a.ts:4 imports @fastify/otel, which ingest-service/package.json does not name',
    'ingest-service/src/routes/a.ts:6 imports pino, which ingest-service/package.json does not name',
    'portal/src/a.ts:1 reaches out of portal with ../../contract/src/events.ts: import the workspace by its name',
    'widget-otel/src/a.ts:1 imports ingest-service, which widget-otel may not know',
  ])
})
