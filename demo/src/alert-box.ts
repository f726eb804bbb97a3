// One box of alerts: the newest 200, each once however often it is repeated, its words cut to a bounded length.
import { oneOf } from 'contract/one-of'
import Type, { type Static } from 'typebox'

const maxAlerts = 200
const maxWords = 64
const maxNameLength = 128
const maxValueLength = 2_000

const Words = Type.Record(Type.String(), Type.String())

/** Version 4 of Alertmanager's webhook, as far as it is used here. */
export const Webhook = Type.Object({
  version: Type.Literal('4'),
  alerts: Type.Array(
    Type.Object({
      status: oneOf(['firing', 'resolved']),
      labels: Words,
      annotations: Words,
      startsAt: Type.String({ format: 'date-time' }),
      endsAt: Type.String({ format: 'date-time' }),
      fingerprint: Type.String({ maxLength: 64 }),
    }),
    { maxItems: 10_000 },
  ),
})
export type Webhook = Static<typeof Webhook>
export type Alert = Webhook['alerts'][number] & { receivedAt: string }

export type Box = { receive: (alerts: Webhook['alerts'], receivedAt: string) => void; list: () => Alert[] }

export function createBox(): Box {
  // kept oldest first; a repeated alert moves to the end
  const alerts = new Map<string, Alert>()
  return {
    receive(received, receivedAt) {
      for (const { status, labels, annotations, startsAt, endsAt, fingerprint } of received) {
        endEarlier(alerts, fingerprint, startsAt)
        const key = `${fingerprint} ${startsAt}`
        alerts.delete(key)
        alerts.set(key, {
          status,
          labels: cut(labels),
          annotations: cut(annotations),
          startsAt,
          endsAt,
          fingerprint,
          receivedAt,
        })
      }
      for (const oldest of alerts.keys()) {
        if (alerts.size <= maxAlerts) break
        alerts.delete(oldest)
      }
    },
    list: () => [...alerts.values()].reverse(),
  }
}

/** Of an end that a new beginning follows before anybody is told of it, Alertmanager tells nothing. */
function endEarlier(alerts: Map<string, Alert>, fingerprint: string, startsAt: string): void {
  for (const [key, alert] of alerts) {
    const isEarlier = alert.fingerprint === fingerprint && Date.parse(alert.startsAt) < Date.parse(startsAt)
    if (isEarlier && alert.status === 'firing') alerts.set(key, { ...alert, status: 'resolved', endsAt: startsAt })
  }
}

function cut(words: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words)
      .slice(0, maxWords)
      .map(([name, value]) => [name.slice(0, maxNameLength), value.slice(0, maxValueLength)]),
  )
}
