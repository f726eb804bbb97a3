import { createServer } from 'node:net'
import t from 'tap'
import { freePort, portsInUse } from '../src/ports.ts'

t.test('a port in use is told in one sentence with its holder and the variable that moves it', async (t) => {
  const server = createServer()
  t.teardown(() => server.close())
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  const [sentence, ...more] = await portsInUse('127.0.0.1', [{ name: 'DEMO_PORT', port, title: 'demo site' }])
  t.same(more, [])
  t.match(sentence, `Port ${port} for demo site is in use`)
  t.match(sentence, /choose another: DEMO_PORT=\d+$/)
  if (process.platform === 'linux') t.match(sentence, `(process ${process.pid})`)
})

t.test('a free port is no complaint', async (t) => {
  t.same(await portsInUse('127.0.0.1', [{ name: 'DEMO_PORT', port: await freePort(), title: 'demo site' }]), [])
})

t.test('one port for two parts is a complaint that names both variables', async (t) => {
  const port = await freePort()
  const wanted = [
    { name: 'PORT' as const, port, title: 'ingest-service' },
    { name: 'DEMO_PORT' as const, port, title: 'demo site' },
  ]
  t.same(await portsInUse('127.0.0.1', wanted), [
    `Port ${port} is given twice, by PORT and DEMO_PORT; they need different ones`,
  ])
})

t.test('an address of another machine is told with the variable that names it', async (t) => {
  const [sentence] = await portsInUse('192.0.2.1', [{ name: 'PORT', port: 8080, title: 'ingest-service' }])
  t.match(sentence, /^Nothing can listen on 192\.0\.2\.1:8080 .* see HOST and PORT$/)
})
