// Stands where a pager and a ticket system would: takes Alertmanager's webhooks, keeps the newest, shows them in two boxes.
import Fastify, { type FastifyInstance } from 'fastify'
import { type Alert, createBox, Webhook } from './alert-box.ts'
import { type Bundles, pagesFolder, serveFiles } from './files.ts'
import { strict } from './strict.ts'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export async function buildAlertReceiver({ bundles }: Bundles = {}): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: 1_048_576, forceCloseConnections: true, ajv: strict })
  let heartbeatAt: string | null = null

  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  })
  app.get('/health', async () => ({ status: 'ok' }))

  for (const path of ['/on-call', '/tickets']) {
    const box = createBox()
    app.get(path, async (): Promise<Alert[]> => box.list())
    app.post<{ Body: Webhook }>(path, { schema: { body: Webhook } }, async (request, reply) => {
      box.receive(request.body.alerts, new Date().toISOString())
      return reply.code(204).send()
    })
  }

  app.get('/watchdog', async () => ({ heartbeatAt }))
  app.post<{ Body: Webhook }>('/watchdog', { schema: { body: Webhook } }, async (_request, reply) => {
    heartbeatAt = new Date().toISOString()
    return reply.code(204).send()
  })

  await serveFiles(app, 'alerts-page.js', bundles)
  app.get('/', async (_request, reply) => reply.sendFile('alerts.html', pagesFolder))
  return app
}
