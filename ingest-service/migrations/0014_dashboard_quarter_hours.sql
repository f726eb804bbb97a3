-- The roll-up for Grafana: what was counted in each tenant's quarter hours.

create view dashboards.quarter_hours as
select
  tenant_id,
  t.name as tenant_name,
  quarter,
  widget_loaded, widget_opened, message_sent, estimate_generated, lead_captured, quote_requested, widget_error,
  sessions, failed, opened, opened_estimate, opened_lead, opened_quote, conversations, messages,
  reached_widget_loaded, reached_widget_opened, reached_message_sent, reached_estimate_generated, reached_lead_captured, reached_quote_requested
from leadlight.quarter_hours
join leadlight.tenants t using (tenant_id);

grant create on schema dashboards to leadlight_views;
alter view dashboards.quarter_hours owner to leadlight_views;
revoke create on schema dashboards from leadlight_views;
grant select on dashboards.quarter_hours to leadlight_dashboards;
