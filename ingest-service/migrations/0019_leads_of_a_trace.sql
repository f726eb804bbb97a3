-- From a trace to its leads: of tens of thousands, one.
create index on leadlight.segment_leads (tenant_id, trace_id);
