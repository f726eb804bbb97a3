-- Temporary relations are looked for first unless their schema is named, and would run with the rights of the function's owner.

alter function leadlight.activity() set search_path = pg_catalog, pg_temp;
