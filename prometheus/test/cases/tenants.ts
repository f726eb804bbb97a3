import { names } from '../case.ts'

const TenantSilent = names('TenantSilent')
const TenantsSilentWidely = names('TenantsSilentWidely')
const SilenceNotWatched = names('SilenceNotWatched')

const silent = (tenant: string, instance = 'a') =>
  `leadlight_tenant_silent{instance="${instance}", tenant_id="${tenant}"}`
const howMany = (what: 'silent' | 'expected', instance = 'a') => `leadlight_tenants_${what}{instance="${instance}"}`
const looked = (instance = 'a') =>
  `leadlight_tenant_silence_last_success_timestamp_seconds{job="ingest-service", instance="${instance}"}`

export const tenants = [
  TenantSilent.fires(
    'five minutes after it was found there is a ticket, until it is heard of',
    '1m',
    { [silent('t')]: '0x5 1x20 0x10', [silent('u')]: '0x40' },
    { '10m': 0, '11m': 1, '28m': 0 },
  ),
  TenantSilent.fires(
    'two replicas tell the same once',
    '1m',
    { [silent('t')]: '1x20', [silent('t', 'b')]: '1x20' },
    { '10m': 1 },
  ),
  TenantSilent.below('four minutes are silent', '1m', { [silent('t')]: '0x5 1x4 0x20' }, '30m'),
  TenantSilent.gap(
    'a tenant that is not expected any more, and was not silent, is not told of',
    '1m',
    { [silent('t')]: '0x5 stale' },
    '30m',
  ),
  TenantSilent.reset(
    'a replica that starts and knows nothing yet is silent',
    '1m',
    { [silent('t')]: '1x2 stale' },
    '30m',
  ),

  TenantsSilentWidely.fires(
    'three of ten are one ticket of the fleet',
    '1m',
    { [howMany('expected')]: '10x30', [howMany('silent')]: '0x5 3x25' },
    { '10m': 0, '11m': 1 },
  ),
  TenantsSilentWidely.below(
    'a fifth is silent',
    '1m',
    { [howMany('expected')]: '20x60', [howMany('silent')]: '4x60' },
    '60m',
  ),
  TenantsSilentWidely.low(
    'two of two have tickets of their own',
    '1m',
    { [howMany('expected')]: '2x60', [howMany('silent')]: '2x60' },
    '60m',
  ),
  TenantsSilentWidely.gap(
    'a service that is away is another alert',
    '1m',
    { [howMany('expected')]: '10x3 stale', [howMany('silent')]: '9x3 stale' },
    '60m',
  ),

  SilenceNotWatched.fires(
    'a quarter of an hour without a look is a ticket',
    '1m',
    { [looked()]: '1+60x5 300x60' },
    { '25m': 0, '26m': 1 },
  ),
  SilenceNotWatched.below(
    'a look every quarter of an hour is silent',
    '1m',
    { [looked()]: '1x14 900x14 1800x14' },
    '40m',
  ),
  SilenceNotWatched.low(
    'it counts whichever replica looked',
    '1m',
    { [looked()]: '1x60', [looked('b')]: '1+60x60' },
    '60m',
  ),
  SilenceNotWatched.gap('a service that is away is another alert', '1m', { [looked()]: '1x10 stale' }, '60m'),
  SilenceNotWatched.reset('a replica that has not asked yet is silent', '1m', { [looked()]: '0x60' }, '60m'),
]
