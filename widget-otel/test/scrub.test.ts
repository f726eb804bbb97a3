import fc from 'fast-check'
import t from 'tap'
import { scrubPath, scrubText } from '../src/scrub.ts'

t.test('messages lose addresses, numbers and keys', async (t) => {
  const cases: [string, string][] = [
    ['Cannot read properties of undefined', 'Cannot read properties of undefined'],
    ['GET https://api.example/x?email=jo@example.com failed', 'GET <url> failed'],
    ['no account for jo.smith+roof@example.com', 'no account for <email>'],
    ['call +1 (555) 123-4567 back', 'call <number> back'],
    ['card 4111 1111 1111 1111', 'card <number>'],
    ['key sk_live_51H8xQ2eZvKYlo2C', 'key <token>'],
    [
      'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
      'Bearer <token>.<token>.<token>',
    ],
    ['id 550e8400-e29b-41d4-a716-446655440000 missing', 'id <token> missing'],
    ['status 404 after 3 tries', 'status 404 after 3 tries'],
    ['line 12:34', 'line 12:34'],
    ['a\0b\ud800c', 'abc'],
  ]
  for (const [given, scrubbed] of cases) t.equal(scrubText(given), scrubbed)
})

t.test('a message is cut at 256 units, without half a character', async (t) => {
  t.equal(scrubText('é'.repeat(300)).length, 256)
  t.equal(scrubText(`${'x'.repeat(255)}🏠`), 'x'.repeat(255))
  t.ok(scrubText('a@'.repeat(1e6)).length <= 256, 'in no time, however long')
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 600 }),
      (text) => scrubText(text).isWellFormed() && scrubText(text).length <= 256,
    ),
  )
})

t.test('paths keep their words and lose their ids', async (t) => {
  const cases: [string, string][] = [
    ['/', '/'],
    ['/pricing/roofing/', '/pricing/roofing/'],
    ['/blog/2024/05/10-best-roofing-companies-in-texas-2024', '/blog/2024/05/10-best-roofing-companies-in-texas-2024'],
    ['/caf%C3%A9/%E0%A4%A', '/caf%C3%A9/%E0%A4%A'],
    ['/u/jo@example.com/settings', '/u/<email>/settings'],
    ['/u/jo%40example.com', '/u/<email>'],
    ['/orders/12345', '/orders/<number>'],
    ['/orders/inv-2024123456', '/orders/<number>'],
    ['/q/550e8400-e29b-41d4-a716-446655440000', '/q/<number>'],
    ['/q/abcdefab-e29b-41d4-a716-44f655a4400f', '/q/<token>'],
    ['/reset/dGhpcyBpcyBhIHRva2Vu0w', '/reset/<token>'],
    [`/${'x'.repeat(300)}`, `/${'x'.repeat(255)}`],
  ]
  for (const [given, scrubbed] of cases) t.equal(scrubPath(given), scrubbed)
})
