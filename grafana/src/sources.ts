// The data sources by the ids that provisioning gives them. Traces are Tempo's or Jaeger's, so nothing here says which.
export const prometheus = { type: 'prometheus', uid: 'prometheus' } as const
export const postgres = { type: 'grafana-postgresql-datasource', uid: 'postgres' } as const
