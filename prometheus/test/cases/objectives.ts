import { type Case, names } from '../case.ts'

const requests = (route: string, outcome: string, instance = 'a') =>
  `leadlight_http_requests_total{route="${route}", outcome="${outcome}", instance="${instance}"}`
const bucket = (route: string, le: string) =>
  `leadlight_http_request_duration_seconds_bucket{route="${route}", le="${le}"}`
const count = (route: string) => `leadlight_http_request_duration_seconds_count{route="${route}"}`

const firing = (alert: string) => `ALERTS{alertname="${alert}", alertstate="firing"}`

/** What holds for every objective on failed answers; `share` is what 14.4, 6 and 1 times the allowed one are, in failures of 1,000. */
function availability(objective: string, route: string, [fast, burning, slowly]: [number, number, number]): Case[] {
  const BurningFast = names(`${objective}BurningFast`)
  const Burning = names(`${objective}Burning`)
  const failing = (perMinute: number, total = 1000, times = 600) => ({
    [requests(route, 'ok')]: `0+${total - perMinute}x${times}`,
    [requests(route, 'error')]: `0+${perMinute}x${times}`,
  })
  const quiet = { [requests(route, 'ok')]: '0x240', [requests(route, 'error')]: '0x60 1x60 2x60 3x60' }
  const oneOfSixty = { [requests(route, 'ok')]: '0+1x240', [requests(route, 'error')]: '0x120 1x120' }
  const restarting = {
    [requests(route, 'ok')]: '0+100x60 0+100x120',
    [requests(route, 'error')]: '0+1x9 9x50 0x120',
    [requests(route, 'ok', 'b')]: '0+100x50 _x10 0+100x120',
    [requests(route, 'error', 'b')]: '0x50 _x10 0x120',
  }
  return [
    BurningFast.fires(
      'a full outage at 100 requests a minute pages soon, and the page ends after it',
      '30s',
      {
        [requests(route, 'ok')]: '0+50x240 12000x19 12050+50x120',
        [requests(route, 'error')]: '0x240 50+50x19 1000x120',
      },
      fast < 100 ? { '2h': 0, '2h2m': 1, '2h16m': 0 } : { '2h': 0, '2h10m': 1, '2h20m': 0 },
    ),
    BurningFast.below('just below its share it is silent for hours', '1m', failing(fast - 1), '3h'),
    BurningFast.gap('without any series it is silent; a scrape that fails is another alert', '1m', {}, '2h'),
    BurningFast.gap(
      'failures that stop being reported stop counting',
      '1m',
      { [requests(route, 'ok')]: '0+100x60 _x120', [requests(route, 'error')]: '0x60 _x120' },
      '3h',
    ),
    BurningFast.reset(
      'two replicas, one of them away and back with its counters at 0, are silent',
      '1m',
      restarting,
      '3h',
    ),
    BurningFast.low(
      'a database that was away is told by its own alert, and what it left in the window is not; what fails on after that is',
      '30s',
      {
        [requests(route, 'ok')]: '0+50x240 12000x120',
        [requests(route, 'error')]: '0x240 50+50x119',
        [firing('DatabaseDown')]: '_x242 1x20 _x99',
      },
      { '2h5m': 0, '2h11m': 0, '2h15m30s': 0, '2h17m30s': 1 },
    ),
    BurningFast.low(
      'so does a database whose absence is not sure yet',
      '30s',
      {
        [requests(route, 'ok')]: '0+50x240 12000x20',
        [requests(route, 'error')]: '0x240 50+50x19',
        'ALERTS{alertname="DatabaseDown", alertstate="pending"}': '_x240 1x20',
      },
      '2h10m',
    ),
    BurningFast.low('three requests a night that all fail are silent', '1m', quiet, '4h'),
    BurningFast.low('one failure among 60 requests in an hour is silent', '1m', oneOfSixty, '4h'),
    BurningFast.low(
      'refusals and failures of other routes are silent',
      '1m',
      {
        [requests(route, 'ok')]: '0+100x300',
        [requests(route, 'refused')]: '0+900x300',
        [requests('analytics', 'error')]: '0+100x300',
      },
      '5h',
    ),

    Burning.fires(
      'its share for half an hour, and more over six hours, fires after five minutes',
      '4m',
      failing(burning + 1),
      { '8m': 0, '5h': 1 },
    ),
    Burning.below('just below its share it is silent', '4m', failing(burning - 1), '10h'),
    Burning.gap('without any series it is silent', '4m', {}, '2h'),
    Burning.reset('a restart is silent', '4m', restarting, '12h'),
    Burning.low('three requests a night that all fail are silent', '4m', quiet, '16h'),
    Burning.low(
      'a short outage that is over is silent after half an hour',
      '4m',
      {
        [requests(route, 'ok')]: '0+100x120 12000x4 12100+100x60',
        [requests(route, 'error')]: '0x120 100+100x4 500x60',
      },
      { '9h20m': 0 },
    ),
    ...(slowly ? slowBurn(objective, failing, restarting, quiet, slowly) : []),
  ]
}

function slowBurn(
  objective: string,
  failing: (perMinute: number, total: number, times: number) => Record<string, string>,
  restarting: Record<string, string>,
  quiet: Record<string, string>,
  share: number,
): Case[] {
  const BurningSlowly = names(`${objective}BurningSlowly`)
  return [
    BurningSlowly.fires('twice the allowed share for days is a ticket', '4m', failing(share * 2, 1000, 1100), {
      '3d': 1,
    }),
    BurningSlowly.below('half of the allowed share is silent for days', '4m', failing(share / 2, 1000, 1100), '3d'),
    BurningSlowly.gap('without any series it is silent', '4m', {}, '1d'),
    BurningSlowly.reset('a restart is silent', '4m', restarting, '12h'),
    BurningSlowly.low('three requests a night that all fail are silent', '4m', quiet, '16h'),
  ]
}

/** Like failures, with answers that take longer than `seconds`. */
function latency(
  objective: string,
  route: string,
  seconds: string,
  paces: { name: string; share: number; at: string; every: Case['every'] }[],
): Case[] {
  const slow = (perMinute: number, times = 600) => ({
    [count(route)]: `0+1000x${times}`,
    [bucket(route, seconds)]: `0+${1000 - perMinute}x${times}`,
    [requests(route, 'ok')]: `0+1000x${times}`,
  })
  return paces.flatMap(({ name, share, at, every }) => {
    const alert = names(objective + name)
    return [
      alert.fires('more slow answers than its share fire', every, slow(share + 10), { [at]: 1 }),
      alert.below('just below its share it is silent', every, slow(share - 1), '4h'),
      alert.gap('without any series it is silent', every, {}, '2h'),
      alert.reset(
        'a restart is silent',
        every,
        {
          [count(route)]: '0+100x40 0+100x60',
          [bucket(route, seconds)]: '0+100x40 0+100x60',
          [requests(route, 'ok')]: '0+100x40 0+100x60',
        },
        every === '1m' ? '90m' : '6h',
      ),
      alert.low(
        'two slow answers in a quiet night are silent',
        every,
        {
          [count(route)]: '0x50 1x50 2x100',
          [bucket(route, seconds)]: '0x200',
          [requests(route, 'ok')]: '0x50 1x50 2x100',
        },
        every === '1m' ? '3h' : '12h',
      ),
    ]
  })
}

const EventsAvailabilityBurningFast = names('EventsAvailabilityBurningFast')

export const objectives = [
  ...availability('EventsAvailability', 'events', [14.4, 6, 1]),
  ...availability('SpansAvailability', 'traces', [144, 60, 0]),
  ...latency('EventsLatency', 'events', '0.5', [
    { name: 'BurningFast', share: 144, at: '2h', every: '1m' },
    { name: 'Burning', share: 60, at: '7h', every: '4m' },
  ]),
  ...latency('SpansLatency', 'traces', '2.5', [{ name: 'Burning', share: 300, at: '7h', every: '4m' }]),
  EventsAvailabilityBurningFast.gap(
    'the first failures are lost when the series did not exist before them, so the service exports zeros',
    '30s',
    { [requests('events', 'ok')]: '0+50x240 12000x100', [requests('events', 'error')]: '_x240 12x100' },
    '2h45m',
  ),
]
