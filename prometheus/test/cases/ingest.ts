import { names } from '../case.ts'

const EventsRejected = names('EventsRejected')
const ClientLossReported = names('ClientLossReported')

const rejected = (reason: string) => `leadlight_events_rejected_total{reason="${reason}", tenant_class="ordinary"}`
const dropped = (reason: string) => `leadlight_client_dropped_total{reason="${reason}"}`
const events = (outcome: string) => `leadlight_events_total{outcome="${outcome}"}`

export const ingest = [
  EventsRejected.fires(
    'one in ten for half an hour is a ticket for its reason',
    '1m',
    {
      [rejected('unknown_type')]: '0+10x60',
      [rejected('too_large')]: '0x60',
      [events('accepted')]: '0+90x60',
      [events('rejected')]: '0+10x60',
    },
    { '3m': 0, '30m': 1 },
  ),
  EventsRejected.below(
    'four of a hundred are silent',
    '1m',
    { [rejected('unknown_type')]: '0+4x120', [events('accepted')]: '0+96x120', [events('rejected')]: '0+4x120' },
    '2h',
  ),
  EventsRejected.low(
    'ten of twenty are too few to say anything',
    '1m',
    {
      [rejected('unknown_type')]: '0x30 10x60',
      [events('accepted')]: '0x30 10x60',
      [events('rejected')]: '0x30 10x60',
    },
    '90m',
  ),
  EventsRejected.gap(
    'a service that is away is silent',
    '1m',
    {
      [rejected('unknown_type')]: '5000x10 _x60',
      [events('rejected')]: '5000x10 _x60',
      [events('accepted')]: '5000x10 _x60',
    },
    '60m',
  ),
  EventsRejected.reset(
    'counters that begin anew are silent',
    '1m',
    {
      [rejected('unknown_type')]: '900x30 0x60',
      [events('rejected')]: '900x30 0x60',
      [events('accepted')]: '9000+10x30 0+10x60',
    },
    '90m',
  ),

  ClientLossReported.fires(
    'two of a hundred in an hour are a ticket',
    '1m',
    { [dropped('queue_overflow')]: '0+2x120', [events('accepted')]: '0+98x120' },
    { '5m': 0, '1h': 1 },
  ),
  ClientLossReported.fires(
    'losses without anything stored are one too',
    '1m',
    { [dropped('expired')]: '0+2x120', [events('accepted')]: '0x120' },
    { '1h': 1 },
  ),
  ClientLossReported.below(
    'eight of a thousand are silent',
    '1m',
    { [dropped('queue_overflow')]: '0+8x240', [events('accepted')]: '0+992x240' },
    '4h',
  ),
  ClientLossReported.low(
    '40 lost of 80 are too few to say anything',
    '1m',
    { [dropped('expired')]: '0x30 40x90', [events('accepted')]: '0x30 40x90' },
    '2h',
  ),
  ClientLossReported.gap(
    'a service that is away is silent',
    '1m',
    { [dropped('expired')]: '5000x10 _x60', [events('accepted')]: '1x10 _x60' },
    '60m',
  ),
  ClientLossReported.reset(
    'counters that begin anew are silent',
    '1m',
    { [dropped('expired')]: '900x30 0x60', [events('accepted')]: '9000+1x30 0+1x60' },
    '90m',
  ),
]
