-- The writer changes what its statement changes, never whose session it is.

revoke update on leadlight.sessions from leadlight_ingest;
grant update (
  loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at, error_at, messages, device, source, page
) on leadlight.sessions to leadlight_ingest;
