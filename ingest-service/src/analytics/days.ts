// The SQL that every question shares: which rows belong to a range of days.

/** Starts a query: `days.first` and `days.past` are midnights; $1 and $2 are the dates, $3 is the time zone. */
export const withDays = `with days as (
  select $1::date::timestamp at time zone $3 as first, ($2::date + 1)::timestamp at time zone $3 as past
)`

/** Quarter hours add up to days in every zone, since all of them begin at one. */
export const quarterInDays = 'quarter >= (select first from days) and quarter < (select past from days)'

/** Sessions are on the day of their id's own time, so a range of days is a range of the key. */
export const sessionInDays = `session.session_id >= leadlight.uuid_floor((select first from days))
  and session.session_id < leadlight.uuid_floor((select past from days))`

/** Events are on the day of `occurred_at`, which differs from the id's time by 7 days at most: hence the wider range of ids. */
export const eventInDays = `event.id >= leadlight.uuid_floor((select first from days) - interval '8 days')
  and event.id < leadlight.uuid_floor((select past from days) + interval '8 days')
  and event.occurred_at >= (select first from days) and event.occurred_at < (select past from days)`
