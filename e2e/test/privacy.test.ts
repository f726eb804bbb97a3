import { launchBrowser } from 'stack/browser'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { hide, leave, startRoofer } from './roofer.ts'
import { makeSecrets, type Secret } from './secrets.ts'

const roofer = await startRoofer(t)
const browser = await launchBrowser()
t.teardown(() => browser.close())

const secrets = makeSecrets(60)
const perPage = 10

/** The secret as it stands, and as an address carries it. */
const spellings = ({ text }: Secret) => [text, encodeURIComponent(text), encodeURI(text), text.replaceAll(' ', '+')]

t.test(
  `of ${secrets.length} secrets in addresses, referrers, messages and properties none leaves the page`,
  async (t) => {
    const context = await browser.newContext()
    t.teardown(() => context.close())
    const quotes = () => roofer.spans.join('\n').split('"quote_requested"').length - 1
    for (let first = 0; first < secrets.length; first += perPage) {
      const planted = secrets.slice(first, first + perPage).map(({ text }) => text)
      const [path, query, fragment, referrer, utm] = planted.map(encodeURIComponent)
      const page = await context.newPage()
      await page.goto(
        `${roofer.origin}/${path}/quote?email=${query}&utm_source=${utm}&utm_campaign=spring#${fragment}`,
        { referer: `https://portal.example/${referrer}?q=${query}` },
      )
      await page.evaluate((planted) => {
        const tell = (type: string, properties: object) =>
          document.dispatchEvent(new CustomEvent('leadlight', { bubbles: true, detail: { type, properties } }))
        for (const secret of planted) {
          tell('widget_error', { error_type: secret, message: `no answer for ${secret}, tried twice`, source: 'api' })
          tell('widget_error', {
            error_type: 'TypeError',
            message: `{"for":"${secret}"}`,
            name: secret,
            operation: secret,
          })
        }
        const [secret] = planted
        tell('widget_opened', { trigger: secret, name: secret })
        tell('message_sent', { text: secret, [secret as string]: secret })
        tell('quote_requested', { service: secret, currency: secret, amount: secret, address: secret })
        tell('lead_captured', { contact: secret, email: secret, phone: secret })
      }, planted)
      // the spans are there once OpenTelemetry is
      await page.waitForFunction(() =>
        performance.getEntriesByType('resource').some(({ name }) => name.includes('widget-later')),
      )
      // what is hidden sends its spans; a page that goes takes along those that still wait for a preflight
      await hide(page)
      await waitFor(() => quotes() > first / perPage, { timeoutMs: 20_000 })
      await leave(page)
    }
    await roofer.untilStoredInAll((secrets.length / perPage) * 5)
    const places = {
      requests: roofer.door.received.map(({ path, body }) => `${path} ${body}`),
      rows: await roofer.rows(),
      spans: roofer.spans,
    }
    for (const [place, texts] of Object.entries(places)) {
      t.ok(texts.length > 50, `${texts.length} ${place}`)
      const all = texts.join('\n')
      const found = secrets.filter((secret) => spellings(secret).some((text) => all.includes(text)))
      t.strictSame(found, [], `in ${place}`)
    }
  },
)
