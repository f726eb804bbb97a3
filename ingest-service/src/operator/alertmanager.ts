// What the service and the operator's program ask of Alertmanager: what fires, a test, a silence.

type Labels = Record<string, string>

export type FiringAlert = {
  labels: Labels
  annotations: Labels
  startsAt: string
  status: { state: 'active' | 'suppressed' | 'unprocessed'; silencedBy: string[]; inhibitedBy: string[] }
  receivers: { name: string }[]
}

export type Silence = {
  /** One alert, or all but the watchdog. */
  alert: string | undefined
  seconds: number
  comment: string
  by: string
}

export type Alertmanager = ReturnType<typeof openAlertmanager>

/** Every question throws when it is not answered within `timeoutMs`. */
export function openAlertmanager(url: string, timeoutMs: number) {
  async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await fetch(url + path, { ...init, signal: AbortSignal.timeout(timeoutMs) }).catch(
      (error: Error) => {
        throw new Error(`Alertmanager does not answer at ${url}`, { cause: error })
      },
    )
    const text = await response.text()
    if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${text.slice(0, 300)}`)
    return (text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T
  }
  const post = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return {
    /** The watchdog among them. */
    list: () => ask<FiringAlert[]>('/api/v2/alerts'),

    report: (alerts: { labels: Labels; annotations: Labels; startsAt: string; endsAt: string }[]) =>
      ask<string>('/api/v2/alerts', post(alerts)),

    async silence({ alert, seconds, comment, by }: Silence): Promise<string> {
      const matcher = alert
        ? { name: 'alertname', value: alert, isRegex: false, isEqual: true }
        : { name: 'alertname', value: 'Watchdog', isRegex: false, isEqual: false }
      const startsAt = new Date()
      const { silenceID } = await ask<{ silenceID: string }>(
        '/api/v2/silences',
        post({
          matchers: [matcher],
          startsAt: startsAt.toISOString(),
          endsAt: new Date(startsAt.getTime() + seconds * 1_000).toISOString(),
          createdBy: by,
          comment,
        }),
      )
      return silenceID
    },

    endSilence: (id: string) => ask<string>(`/api/v2/silence/${encodeURIComponent(id)}`, { method: 'DELETE' }),

    /**
     * Notifications that a receiver has taken so far, and those that were given up; of all of them where Alertmanager does not
     * tell them apart. `alertmanager_notifications_total` counts a notification before it is on its way.
     */
    async countNotifications(receiver: string): Promise<{ sent: number; failed: number }> {
      const text = await ask<string>('/metrics')
      const sum = (metric: string): number =>
        [...text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`, 'gm'))]
          .filter(
            ([, labels = '']) => !labels.includes('receiver_name=') || labels.includes(`receiver_name="${receiver}"`),
          )
          .reduce((total, [, , value]) => total + Number(value), 0)
      return {
        sent: sum('alertmanager_notification_requests_total') - sum('alertmanager_notification_requests_failed_total'),
        failed: sum('alertmanager_notifications_failed_total'),
      }
    },
  }
}
