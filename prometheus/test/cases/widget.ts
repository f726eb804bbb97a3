import { names } from '../case.ts'

const WidgetLoadSlow = names('WidgetLoadSlow')
const WidgetErrorRateHigh = names('WidgetErrorRateHigh')
const WidgetApiErrorRateHigh = names('WidgetApiErrorRateHigh')
const WidgetApiSlow = names('WidgetApiSlow')
const TenantApiErrorRateHigh = names('TenantApiErrorRateHigh')
const WidgetApiFailingWidely = names('WidgetApiFailingWidely')

const spans = (name: string) =>
  `widget_span_calls_total{span_name="${name}", status_code="STATUS_CODE_UNSET", tenant_id="t"}`
const calls = (status: string, operation: string, tenant = 't') =>
  `widget_span_calls_total{span_name="api_call", status_code="STATUS_CODE_${status}", tenant_id="${tenant}", estimate_widget_operation="${operation}"}`
const loads = (le: string) => `widget_span_duration_seconds_bucket{span_name="widget_loaded", le="${le}"}`
const loadCount = 'widget_span_duration_seconds_count{span_name="widget_loaded"}'
const waits = (le: string) =>
  `widget_span_duration_seconds_bucket{span_name="api_call", estimate_widget_operation="create_estimate", le="${le}"}`
const waitCount =
  'widget_span_duration_seconds_count{span_name="api_call", estimate_widget_operation="create_estimate"}'

/** Loads a minute: how many of `all` took longer than 4 s. */
const slowLoads = (slow: number, all: number) => ({
  [loads('2.5')]: `0+${Math.floor((all - slow) / 5)}x90`,
  [loads('4')]: `0+${all - slow}x90`,
  [loads('6')]: `0+${all}x90`,
  [loads('+Inf')]: `0+${all}x90`,
  [loadCount]: `0+${all}x90`,
})
const slowCalls = (slow: number, all: number) => ({
  [waits('6')]: `0+${all - slow}x90`,
  [waits('10')]: `0+${all}x90`,
  [waits('+Inf')]: `0+${all}x90`,
  [waitCount]: `0+${all}x90`,
})
/** Of several tenants, all calls failing. */
const failingTenants = (...tenants: string[]) =>
  Object.fromEntries(tenants.map((tenant) => [calls('ERROR', 'send_message', tenant), '0+2x60']))
const serverFails = { 'route:leadlight_http_requests_failed:increase5m{route="events"}': '20x60' }
const serverWell = {
  'route:leadlight_http_requests_failed:increase5m{route="events"}': '0x60',
  'leadlight_database_up{instance="a"}': '1x60',
}

export const widget = [
  WidgetLoadSlow.fires('half of many loads slow for ten minutes are a ticket', '1m', slowLoads(5, 10), {
    '12m': 0,
    '40m': 1,
  }),
  WidgetLoadSlow.below('a quarter but one of them is silent', '1m', slowLoads(24, 100), '90m'),
  WidgetLoadSlow.low('one load a minute is silent however slow it is', '1m', slowLoads(1, 1), '90m'),
  WidgetLoadSlow.gap(
    'slow loads that are not reported any more are silent',
    '1m',
    { [loads('4')]: '100x5 _x60', [loads('+Inf')]: '900x5 _x60', [loadCount]: '900x5 _x60' },
    '60m',
  ),
  WidgetLoadSlow.reset(
    'a collector that counts anew is silent',
    '1m',
    {
      [loads('2.5')]: '900x30 0+10x60',
      [loads('4')]: '900x30 0+10x60',
      [loads('+Inf')]: '9000x30 0+10x60',
      [loadCount]: '9000x30 0+10x60',
    },
    '90m',
  ),

  WidgetErrorRateHigh.fires(
    'an error in every fifth load is a ticket after five minutes',
    '1m',
    { [spans('widget_error')]: '0+2x60', [spans('widget_loaded')]: '0+10x60' },
    { '5m': 0, '30m': 1 },
  ),
  WidgetErrorRateHigh.fires(
    'errors without any load are one too',
    '1m',
    { [spans('widget_error')]: '0+2x60', [spans('widget_loaded')]: '0x60' },
    { '30m': 1 },
  ),
  WidgetErrorRateHigh.below(
    'one in eleven is silent',
    '1m',
    { [spans('widget_error')]: '0+1x90', [spans('widget_loaded')]: '0+11x90' },
    '90m',
  ),
  WidgetErrorRateHigh.low(
    'nineteen errors of nineteen loads are silent',
    '1m',
    { [spans('widget_error')]: '0x5 18x60', [spans('widget_loaded')]: '0x5 18x60' },
    '60m',
  ),
  WidgetErrorRateHigh.gap(
    'without a collector it is silent',
    '1m',
    { [spans('widget_error')]: '900x5 _x60', [spans('widget_loaded')]: '900x5 _x60' },
    '60m',
  ),
  WidgetErrorRateHigh.reset(
    'a collector that counts anew is silent',
    '1m',
    { [spans('widget_error')]: '900x20 0x60', [spans('widget_loaded')]: '900+1x20 0+1x60' },
    '80m',
  ),

  WidgetApiErrorRateHigh.fires(
    'three tries at a failing API are a ticket at the next evaluation, for the operation and for all',
    '10s',
    { [calls('ERROR', 'send_message')]: '_x11 0 1 1 3x60', [calls('UNSET', 'load_config')]: '_x11 0 1x63' },
    { '2m10s': 0, '2m20s': 2, '8m': 0 },
  ),
  WidgetApiErrorRateHigh.fires(
    'three failures of three operations fire together though none does alone',
    '10s',
    {
      [calls('ERROR', 'load_config')]: '0x5 1x60',
      [calls('ERROR', 'send_message')]: '0x5 1x60',
      [calls('ERROR', 'submit_lead', 'u')]: '0x5 1x60',
    },
    { '3m': 1 },
  ),
  WidgetApiErrorRateHigh.fires(
    'a rare operation that always fails fires beside many good calls of another',
    '10s',
    { [calls('UNSET', 'send_message')]: '0+100x60', [calls('ERROR', 'submit_lead')]: '0+1x60' },
    { '8m': 1 },
  ),
  WidgetApiErrorRateHigh.below(
    '19 % of many calls, and errors that are no calls, are silent',
    '10s',
    {
      [calls('UNSET', 'send_message')]: '0+81x60',
      [calls('ERROR', 'send_message')]: '0+19x60',
      'widget_span_calls_total{span_name="widget_error", status_code="STATUS_CODE_ERROR", tenant_id="t"}': '0+500x60',
    },
    '9m',
  ),
  WidgetApiErrorRateHigh.low(
    'a single failed call never fires',
    '10s',
    { [calls('ERROR', 'send_message')]: '_x11 0 1x60' },
    '12m',
  ),
  WidgetApiErrorRateHigh.gap(
    'failures that stop being reported are silent',
    '10s',
    { [calls('UNSET', 'send_message')]: '5000+10x30 _x60', [calls('ERROR', 'send_message')]: '900x30 _x60' },
    '15m',
  ),
  WidgetApiErrorRateHigh.reset(
    'a collector that counts anew is silent',
    '10s',
    {
      [calls('UNSET', 'send_message')]: '5000+10x30 _x30 0+10x60',
      [calls('ERROR', 'send_message')]: '900x30 _x30 0x60',
    },
    '20m',
  ),

  WidgetApiSlow.fires(
    'one in five of many calls slow for ten minutes is a ticket for its operation',
    '1m',
    slowCalls(2, 10),
    { '10m': 0, '30m': 1 },
  ),
  WidgetApiSlow.below('nine of a hundred are silent', '1m', slowCalls(9, 100), '90m'),
  WidgetApiSlow.low('two calls a minute are silent however slow they are', '1m', slowCalls(2, 2), '90m'),
  WidgetApiSlow.gap(
    'slow calls that are not reported any more are silent',
    '1m',
    { [waits('6')]: '0x5 _x60', [waits('+Inf')]: '900x5 _x60', [waitCount]: '900x5 _x60' },
    '60m',
  ),
  WidgetApiSlow.reset(
    'a collector that counts anew is silent',
    '1m',
    { [waits('6')]: '0x30 0+10x60', [waits('+Inf')]: '900x30 0+10x60', [waitCount]: '900x30 0+10x60' },
    '90m',
  ),

  TenantApiErrorRateHigh.fires(
    "a third of one tenant's calls is a ticket for it alone",
    '1m',
    {
      [calls('ERROR', 'send_message')]: '0+3x60',
      [calls('UNSET', 'send_message')]: '0+6x60',
      [calls('UNSET', 'send_message', 'u')]: '0+90x60',
    },
    { '4m': 0, '25m': 1 },
  ),
  TenantApiErrorRateHigh.below(
    'a fifth is silent',
    '1m',
    { [calls('ERROR', 'send_message')]: '0+2x60', [calls('UNSET', 'send_message')]: '0+8x60' },
    '60m',
  ),
  TenantApiErrorRateHigh.low(
    '45 calls in its window are too few, all of them failing',
    '1m',
    { [calls('ERROR', 'send_message')]: '0+3x60' },
    '60m',
  ),
  TenantApiErrorRateHigh.gap(
    'failures that stop being reported are silent',
    '1m',
    { [calls('ERROR', 'send_message')]: '900x5 _x60' },
    '60m',
  ),
  TenantApiErrorRateHigh.reset(
    'a collector that counts anew is silent',
    '1m',
    { [calls('ERROR', 'send_message')]: '900x20 0x60', [calls('UNSET', 'send_message')]: '900+10x20 0+10x60' },
    '80m',
  ),

  WidgetApiFailingWidely.fires(
    'three tenants and a failing server of ours page',
    '1m',
    { ...failingTenants('t', 'u', 'v'), ...serverFails },
    { '20m': 1 },
  ),
  WidgetApiFailingWidely.fires(
    'so do three tenants and a database that is away',
    '1m',
    { ...failingTenants('t', 'u', 'v'), 'leadlight_database_up{instance="a"}': '0x60' },
    { '20m': 1 },
  ),
  WidgetApiFailingWidely.fires(
    'or a canary that fails',
    '1m',
    { ...failingTenants('t', 'u', 'v'), 'leadlight_canary_last_success_timestamp_seconds{check="event"}': '0x60' },
    { '20m': 1 },
  ),
  WidgetApiFailingWidely.below('two tenants page nobody', '1m', { ...failingTenants('t', 'u'), ...serverFails }, '60m'),
  WidgetApiFailingWidely.below(
    'fifty tenants page nobody while our servers are well: browsers can lie',
    '1m',
    { ...failingTenants(...Array.from({ length: 50 }, (_, index) => `t${index}`)), ...serverWell },
    '60m',
  ),
  WidgetApiFailingWidely.low(
    'what a database that was away has left in the window pages nobody',
    '1m',
    {
      ...failingTenants('t', 'u', 'v'),
      ...serverFails,
      'ALERTS{alertname="DatabaseDown", alertstate="firing"}': '1x30 _x30',
    },
    { '20m': 0, '44m': 0, '47m': 1 },
  ),
  WidgetApiFailingWidely.low(
    'two failed calls of each page nobody',
    '1m',
    {
      [calls('ERROR', 'send_message')]: '0x5 1x60',
      [calls('ERROR', 'send_message', 'u')]: '0x5 1x60',
      [calls('ERROR', 'send_message', 'v')]: '0x5 1x60',
      ...serverFails,
    },
    '60m',
  ),
  WidgetApiFailingWidely.gap(
    'failures that stop being reported are silent',
    '1m',
    {
      [calls('ERROR', 'send_message')]: '900x5 _x60',
      [calls('ERROR', 'send_message', 'u')]: '900x5 _x60',
      [calls('ERROR', 'send_message', 'v')]: '900x5 _x60',
      ...serverFails,
    },
    '60m',
  ),
]
