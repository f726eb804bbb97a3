import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../src/config.ts'

t.test('what is missing or wrong is named, with what to do', async (t) => {
  const directory = t.testdir({
    'text.json': 'tenant_id  019abc12-0000-7000-8000-000000000000',
    'old.json': '{"tenant_id": "a", "site_key": "b"}',
    'tenant.json': '{"tenant_id": "a", "site_key": "b", "read_token": "c"}',
  })
  const read = (file: string, env: NodeJS.ProcessEnv = {}) =>
    readConfig({ CANARY_URL: 'https://lead.example/', CANARY_TENANT_FILE: join(directory, file), ...env })
  t.throws(() => readConfig({}), { message: /^CANARY_URL is not set. Set it to the address/ })
  for (const file of ['none.json', 'text.json'])
    t.throws(() => read(file), { message: /^CANARY_TENANT_FILE is .*: write it with `leadlight tenant add --canary/ })
  t.throws(() => read('old.json'), { message: /has no read_token: write it with/ })
  t.throws(() => read('tenant.json', { CANARY_PORT: 'http' }), { message: /^CANARY_PORT is "http". Set it to/ })
  t.match(read('tenant.json'), {
    url: 'https://lead.example',
    host: '127.0.0.1',
    tenant: { read_token: 'c' },
    intervalMs: 60_000,
  })
})
