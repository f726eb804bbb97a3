// Every bound that widget, service, portal and collector must agree on. Imports nothing, so the browser bundle may take single numbers from it.

/** Largest body of `POST /api/v1/widget/events`, in bytes; also the budget browsers share for requests that outlive a page. */
export const maxBatchBytes = 65_536
/** Most events in one batch. */
export const maxBatchEvents = 100
/** Largest single event as JSON, in bytes. */
export const maxEventBytes = 8_192
/** Largest `POST /v1/traces` body as sent, in bytes. */
export const maxSpansBytes = 262_144
/** Largest `POST /v1/traces` body after decompression, in bytes. */
export const maxSpansDecompressedBytes = 1_048_576

/** Normal time between two batches of a page, in milliseconds. */
export const batchMs = 30_000
/** A session ends after this long without an event, in milliseconds. */
export const sessionIdleMs = 30 * 60_000
/** A session ends at this age even when busy, in milliseconds. */
export const sessionMaxMs = 4 * 3_600_000
/** An event's id may be at most this much later than its session's, in milliseconds. */
export const sessionEventsMaxMs = 24 * 3_600_000
/** Clocks that differ by less than this are taken as equal, in milliseconds. */
export const clockToleranceMs = 60_000
/** Oldest event the service takes, in milliseconds before receipt. */
export const maxEventAgeMs = 7 * 86_400_000
/** Furthest ahead an event's id may be, in milliseconds after receipt. */
export const maxEventAheadMs = 86_400_000

/** Longest stored `page`, in characters. */
export const maxPageLength = 256
/** Longest stored `message` of a `widget_error`, in characters; longer ones are cut. */
export const maxMessageLength = 256
/** Longest `error_type`, in characters. */
export const maxErrorTypeLength = 64
/** Longest `widget_version`, in characters. */
export const maxVersionLength = 32
/** Largest value of every `…_ms` property. */
export const maxDurationMs = 600_000
/** Largest `position` of a message in its session. */
export const maxPosition = 1_000
/** Largest `amount`. */
export const maxAmount = 1e9
/** Events are kept at least this many whole days in every time zone; no question is about more. */
export const keptDays = 90
/** Longest range that is counted hour by hour, in days. */
export const maxHourlyDays = 8
/** Tenants that one installation is laid out for; `npm run series` says what follows from it. */
export const maxTenants = 500
/** Counts by quarter hour, with nothing of a visitor in them, are kept this many days. */
export const keptCountsDays = 400
