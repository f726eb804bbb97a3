// The contractor's pages and their files, under the policy a careful contractor would set.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { type Bundles, pagesFolder, serveFiles } from './files.ts'

export type SiteConfig = Pick<Config, 'ingestUrl' | 'siteKey'> &
  Partial<Pick<Config, 'portalUrl' | 'alertsUrl'>> &
  Bundles

const pages = { '/': 'home', '/pricing': 'pricing' }

export async function siteRoutes(
  app: FastifyInstance,
  { ingestUrl, siteKey, portalUrl, alertsUrl, bundles }: SiteConfig,
): Promise<void> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${new URL(ingestUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  const links = [
    portalUrl && link(portalUrl, 'The contractor’s numbers'),
    alertsUrl && link(alertsUrl, 'Who was alerted'),
  ]
  const layout = await readFile(join(pagesFolder, 'layout.html'), 'utf8')

  for (const [path, name] of Object.entries(pages)) {
    const main = await readFile(join(pagesFolder, `${name}.html`), 'utf8')
    const html = fill(layout, {
      main,
      links: links.filter(Boolean).join('\n'),
      site_key: escapeHtml(siteKey),
      ingest_url: escapeHtml(ingestUrl),
    })
    app.get(path, async (_request, reply) =>
      reply
        .headers({
          'content-security-policy': policy,
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-cache',
        })
        .type('text/html; charset=utf-8')
        .send(html),
    )
  }
  await serveFiles(app, 'estimate-widget.js', bundles)
}

function fill(template: string, values: Record<string, string>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => values[name] ?? '')
}

const link = (href: string, text: string): string => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
