// Serves the example page under the strictest policy in which the script tag works: SITE_KEY [SERVICE_URL [PORT]].
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

const [siteKey, serviceUrl = 'http://127.0.0.1:8080', port = '8092'] = process.argv.slice(2)
if (!siteKey?.startsWith('pk_') || !URL.canParse(serviceUrl)) {
  console.error(
    'Say which site key the page carries: node run.mjs widget-otel/example/serve.ts pk_… [http://127.0.0.1:8080 [8092]]',
  )
  process.exit(1)
}
const service = new URL(serviceUrl).origin
const types: Record<string, string> = { '/': 'text/html', '/page.js': 'text/javascript', '/page.css': 'text/css' }
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  `script-src 'self' ${service}`,
  `connect-src ${service}`,
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const type = types[pathname]
  if (!type) return response.writeHead(404).end()
  const text = await readFile(new URL(pathname === '/' ? 'index.html' : `.${pathname}`, import.meta.url), 'utf8')
  response
    .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy })
    .end(text.replaceAll('SERVICE_URL', service).replaceAll('SITE_KEY', siteKey))
}).listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
