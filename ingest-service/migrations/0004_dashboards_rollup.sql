-- Grafana's hourly views read the roll-up: the same names and columns, without a scan over events.

/* The UTC hour of a moment. */
create function leadlight.hour_of(moment timestamptz) returns timestamptz
  language sql immutable strict parallel safe
  return date_bin('1 hour', moment, '2000-01-01 00:00:00+00');

-- For questions about all tenants: rows lie in the order of time, so a few bytes for each stretch of pages find a range.
create index quarter_hours_quarter on leadlight.quarter_hours using brin (quarter) with (pages_per_range = 32);
create index quarter_hours_hour on leadlight.quarter_hours using brin (leadlight.hour_of(quarter)) with (pages_per_range = 32);

create or replace view dashboards.events_hourly as
select q.tenant_id, t.name as tenant_name, leadlight.hour_of(q.quarter) as hour, counted.type, sum(counted.events) as events
from leadlight.quarter_hours q
join leadlight.tenants t using (tenant_id),
lateral (
  values
    ('widget_loaded', q.widget_loaded),
    ('widget_opened', q.widget_opened),
    ('message_sent', q.message_sent),
    ('estimate_generated', q.estimate_generated),
    ('lead_captured', q.lead_captured),
    ('quote_requested', q.quote_requested),
    ('widget_error', q.widget_error)
) as counted (type, events)
where counted.events > 0
group by 1, 2, 3, 4;

create or replace view dashboards.funnel_hourly as
select
  q.tenant_id,
  t.name as tenant_name,
  leadlight.hour_of(q.quarter) as hour,
  sum(q.reached_widget_loaded) as sessions,
  sum(q.reached_widget_opened) as opened,
  sum(q.reached_message_sent) as message,
  sum(q.reached_estimate_generated) as estimate,
  sum(q.reached_lead_captured) as lead,
  sum(q.reached_quote_requested) as quote
from leadlight.quarter_hours q
join leadlight.tenants t using (tenant_id)
group by 1, 2, 3;
