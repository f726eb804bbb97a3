// The dashboard's time as a condition in SQL, which Grafana completes. Ids carry their time, so a range of ids is a range of days.

/** Events are where `occurred_at` says: at most 8 days after what the id says, and 2 days before. */
export const eventsInTime = `$__timeFilter(occurred_at)
  and event_id >= dashboards.uuid_floor($__timeFrom()::timestamptz - interval '8 days')
  and event_id < dashboards.uuid_floor($__timeTo()::timestamptz + interval '2 days')`
