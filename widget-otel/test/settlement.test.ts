import t from 'tap'
import { retryAfterMs, retryDelayMs } from '../src/settlement.ts'

t.test('Retry-After is read as seconds or as a date', async (t) => {
  const nowMs = 1_800_000_000_000
  t.intercept(Date, 'now', { value: () => nowMs })
  t.equal(retryAfterMs('120'), 120_000)
  t.equal(retryAfterMs(null), 0)
  t.equal(retryAfterMs('soon'), 0)
  t.equal(retryAfterMs('-5'), 0)
  t.equal(retryAfterMs(new Date(nowMs - 60_000).toUTCString()), 0)
  t.equal(retryAfterMs(new Date(nowMs + 60_000).toUTCString()), 60_000)
})

t.test('retries wait with full jitter, twice as long each time, up to 5 min', async (t) => {
  t.same(
    [0, 1, 2, 8, 9, 30].map((failures) => retryDelayMs(failures, 0, 1)),
    [1_000, 2_000, 4_000, 256_000, 300_000, 300_000],
  )
  t.equal(retryDelayMs(5, 0, 0), 0)
  t.equal(retryDelayMs(2, 120_000, 0), 120_000, 'never earlier than asked')
  t.equal(retryDelayMs(2, 120_000, 0.5), 122_000)
  t.equal(retryDelayMs(0, 86_400_000, 0), 900_000, 'and a quarter of an hour at most')
})
