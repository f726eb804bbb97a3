// Alertmanager's webhook, version 4, as it sends it.

export const alert = (name: string) => ({
  status: 'firing',
  labels: { alertname: name, severity: 'warning' },
  annotations: {
    summary: `${name} happened`,
    description: 'Something is wrong.',
    runbook_url: 'https://runbooks.example/x',
  } as Record<string, string>,
  startsAt: '2026-11-23T10:00:00.000Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://127.0.0.1:9090/graph',
  fingerprint: name,
})

export const webhook = (...alerts: ReturnType<typeof alert>[]) => ({
  version: '4',
  groupKey: '{}:{alertname="x"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'tickets',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://127.0.0.1:9093',
  alerts,
})
