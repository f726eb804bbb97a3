-- What was counted in each tenant's quarter hours, for Grafana: events by `occurred_at`, visits by their begin.

create view dashboards.quarter_hours as
select tenant_id, t.name as tenant_name, quarter,
  sum(widget_loaded) as widget_loaded, sum(widget_opened) as widget_opened, sum(message_sent) as message_sent, sum(estimate_generated) as estimate_generated, sum(lead_captured) as lead_captured, sum(quote_requested) as quote_requested, sum(widget_error) as widget_error,
  sum(sessions) as sessions, sum(failed) as failed, sum(opened) as opened, sum(opened_estimate) as opened_estimate, sum(opened_lead) as opened_lead, sum(opened_quote) as opened_quote,
  sum(reached_widget_loaded) as reached_widget_loaded, sum(reached_widget_opened) as reached_widget_opened, sum(reached_message_sent) as reached_message_sent, sum(reached_estimate_generated) as reached_estimate_generated, sum(reached_lead_captured) as reached_lead_captured, sum(reached_quote_requested) as reached_quote_requested
from (
  select tenant_id, date_bin('15 minutes', occurred_at, '2000-01-01 00:00:00+00') as quarter,
    (type = 'widget_loaded')::int as widget_loaded, (type = 'widget_opened')::int as widget_opened, (type = 'message_sent')::int as message_sent, (type = 'estimate_generated')::int as estimate_generated, (type = 'lead_captured')::int as lead_captured, (type = 'quote_requested')::int as quote_requested, (type = 'widget_error')::int as widget_error,
    0 as sessions, 0 as failed, 0 as opened, 0 as opened_estimate, 0 as opened_lead, 0 as opened_quote, 0 as reached_widget_loaded, 0 as reached_widget_opened, 0 as reached_message_sent, 0 as reached_estimate_generated, 0 as reached_lead_captured, 0 as reached_quote_requested
  from leadlight.events
  union all
  select tenant_id, date_bin('15 minutes', uuid_extract_timestamp(session_id), '2000-01-01 00:00:00+00'), 0,0,0,0,0,0,0,
    1, (error_at is not null)::int, (opened_at is not null)::int, (num_nulls(opened_at, estimate_at) = 0)::int, (num_nulls(opened_at, lead_at) = 0)::int, (num_nulls(opened_at, quote_at) = 0)::int,
    (loaded_at is not null)::int, (num_nulls(loaded_at, opened_at) = 0)::int, (num_nulls(loaded_at, opened_at, message_at) = 0)::int, (num_nulls(loaded_at, opened_at, message_at, estimate_at) = 0)::int, (num_nulls(loaded_at, opened_at, message_at, estimate_at, lead_at) = 0)::int, (num_nulls(loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at) = 0)::int
  from leadlight.sessions
) as counts
join leadlight.tenants t using (tenant_id)
group by 1, 2, 3;

grant create on schema dashboards to leadlight_views;
alter view dashboards.quarter_hours owner to leadlight_views;
revoke create on schema dashboards from leadlight_views;
grant select on dashboards.quarter_hours to leadlight_dashboards;
