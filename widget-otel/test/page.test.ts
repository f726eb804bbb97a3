import { eventProperties } from 'contract/events'
import fc from 'fast-check'
import t from 'tap'
import { Check } from 'typebox/value'
import { referrerHost, slug } from '../src/page.ts'

t.test('of a referrer only the host of another site is kept', async (t) => {
  const cases: [string, string | undefined][] = [
    ['https://www.google.com/search?q=roof+jo@example.com', 'www.google.com'],
    ['http://news.example:8080/', 'news.example'],
    ['https://roofs.example/pricing', undefined],
    ['https://xn--bcher-kva.example/', 'xn--bcher-kva.example'],
    ['https://foo-.example.com/', undefined],
    ['https://under_score.example/', undefined],
    ['https://trailing.example./', undefined],
    ['http://[2001:db8::1]/', undefined],
    ['android-app://com.google.android.gm/', undefined],
    ['', undefined],
  ]
  for (const [referrer, host] of cases) t.equal(referrerHost(referrer, 'roofs.example'), host, referrer)
})

t.test('campaign names become slugs or are left out', async (t) => {
  const cases: [unknown, string | undefined][] = [
    ['google', 'google'],
    [' Spring Mailing ', 'spring-mailing'],
    ['cpc_2024', 'cpc_2024'],
    ['summer_roofing_sale_of_2024', 'summer_roofing_sale_of_2024'],
    ['7e2442e8-e244-4bf1-ae24-1050e2442e80', undefined],
    ['046640a28ceec82a046640a28cee1000', undefined],
    ['436601234567', undefined],
    ['jo@example.com', undefined],
    ['x'.repeat(65), undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ]
  for (const [given, kept] of cases) t.equal(slug(given), kept, String(given))
})

t.test('what is kept is what the contract takes', async () => {
  const { referrer_host, utm_source } = eventProperties.widget_loaded.properties
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['http', 'https'] }), (url) =>
      Check(referrer_host, referrerHost(url, 'x') ?? 'none'),
    ),
  )
  fc.assert(fc.property(fc.string(), (text) => Check(utm_source, slug(text) ?? 'none')))
})
