// Known crawlers by their user agent. They say who they are, so what they send is nobody's visit.
import { createIsbotFromList, isbotPatterns, list } from 'isbot'

/** What the list counts as bots and we do not: browsers driven by programs (tests, kiosks) and plain HTTP clients. */
const notCrawlers = [
  'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/153.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1',
  'curl/8.14.1',
  'Wget/1.21.3',
  'node',
  'undici',
  'node-fetch/1.0',
  'axios/1.7.0',
  'python-requests/2.32.0',
  'Python-urllib/3.11',
  'Go-http-client/1.1',
  'Java/17.0.15',
  'okhttp/4.12.0',
  'Apache-HttpClient/4.5',
  'k6/0.49.0',
  'autocannon/7.0.0',
]

const excepted = new Set(notCrawlers.flatMap((userAgent) => isbotPatterns(userAgent)))
const matches = createIsbotFromList(list.filter((pattern) => !excepted.has(pattern)))

/** Visitors share a few hundred user agents, and the pattern is long. */
const known = new Map<string, boolean>()
const maxKnown = 1_000

/** True for a crawler that names itself, such as Googlebot. */
export function isCrawler(userAgent = ''): boolean {
  let answer = known.get(userAgent)
  if (answer === undefined) {
    answer = matches(userAgent)
    if (known.size >= maxKnown) known.clear()
    known.set(userAgent, answer)
  }
  return answer
}
