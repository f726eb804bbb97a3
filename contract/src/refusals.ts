// Every word by which something is refused, ignored or given up: the same in answer, log and metric.

/** Why one event is refused, in the order checked. */
export const rejections = [
  'too_large',
  'unstorable_text',
  'invalid_event',
  'unknown_type',
  'invalid_id',
  'id_time_out_of_range',
  'invalid_session',
  'invalid_properties',
] as const
export type Rejection = (typeof rejections)[number]

/** Why events are taken but not stored. */
export const ignoreReasons = ['do_not_track', 'bot', 'erased'] as const
export type IgnoreReason = (typeof ignoreReasons)[number]

/** What a browser gave up, as it reports it in `dropped`. */
export const dropReasons = [
  'queue_overflow',
  'storage_failed',
  'expired',
  'rejected',
  'too_many_retries',
  'rate_limited',
] as const
export type DropReason = (typeof dropReasons)[number]

/** The `code` of each problem+json answer and its HTTP status. */
export const problems = {
  invalid_http: 400,
  invalid_json: 400,
  invalid_envelope: 400,
  invalid_query: 400,
  unknown_site_key: 401,
  invalid_token: 401,
  origin_not_registered: 403,
  not_shared: 403,
  not_found: 404,
  request_timeout: 408,
  too_many_share_links: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  database_unavailable: 503,
  overloaded: 503,
  shutting_down: 503,
  collector_unavailable: 503,
} as const satisfies Record<string, number>
export type ProblemCode = keyof typeof problems
