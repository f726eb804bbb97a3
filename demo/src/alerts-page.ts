// The alert receiver's page: two boxes and the heartbeat, kept fresh without a reload. What came from outside is only ever text.
import type { Alert } from './alert-box.ts'

const refreshMs = 2_000
/** Alertmanager repeats the heartbeat every minute. */
const lateSeconds = 180
const boxes = [...document.querySelectorAll<HTMLElement>('[data-box]')]
const heartbeat = document.querySelector('#heartbeat')
const trouble = document.querySelector('#trouble')
const shown = new Map<HTMLElement, string>()

async function refresh(): Promise<void> {
  try {
    const [watchdog, ...lists] = await Promise.all([
      load<{ heartbeatAt: string | null }>('watchdog'),
      ...boxes.map((box) => load<Alert[]>(box.dataset.box ?? '')),
    ])
    setText(heartbeat, describeHeartbeat(watchdog.heartbeatAt))
    boxes.forEach((box, index) => {
      fill(box, lists[index] ?? [])
    })
    setText(trouble, '')
  } catch {
    setText(trouble, 'The alert receiver does not answer. These are the last alerts it told of.')
  }
  setTimeout(refresh, refreshMs)
}

async function load<Answer>(path: string): Promise<Answer> {
  const response = await fetch(path, { signal: AbortSignal.timeout(5_000) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}

function fill(box: HTMLElement, alerts: Alert[]): void {
  const firing = alerts.filter(({ status }) => status === 'firing').length
  setText(box.querySelector('.count'), alerts.length === 0 ? '' : `${firing} firing`)
  // whoever reads or selects text in a box keeps it until something in it changes
  const content = JSON.stringify(alerts)
  if (shown.get(box) === content) return
  shown.set(box, content)
  const empty = make('p', 'empty', box.dataset.empty ?? '')
  box.querySelector('.alerts')?.replaceChildren(...(alerts.length === 0 ? [empty] : alerts.map(card)))
}

function card({ status, labels, annotations, startsAt, endsAt }: Alert): HTMLElement {
  const node = make('article', status)
  const heading = make('h3', '', labels.alertname ?? 'Alert without a name')
  const marks = make('p', 'marks')
  marks.append(make('span', `mark ${status}`, status), make('span', 'severity', labels.severity ?? 'no severity'))
  node.append(heading, marks)
  if (annotations.summary) node.append(make('p', 'summary', annotations.summary))
  if (annotations.description) node.append(make('p', 'description', annotations.description))
  node.append(
    make(
      'p',
      'since',
      status === 'resolved' ? `${moment(startsAt)} to ${moment(endsAt)}` : `since ${moment(startsAt)}`,
    ),
  )
  if (annotations.runbook_url) node.append(runbook(annotations.runbook_url))
  return node
}

/** A link only when it leads to a web page: an alert must not be able to run anything. */
function runbook(address: string): HTMLElement {
  if (!/^https?:\/\//i.test(address)) return make('p', 'runbook', `Runbook: ${address}`)
  const link = document.createElement('a')
  link.href = address
  link.rel = 'noreferrer'
  link.textContent = 'Runbook'
  const line = make('p', 'runbook')
  line.append(link)
  return line
}

function describeHeartbeat(at: string | null): string {
  if (at === null) return 'No heartbeat yet: the alerting chain has not been heard of.'
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000))
  const ago = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`
  return `Alerting chain: last heartbeat ${ago} ago${seconds > lateSeconds ? ', which is late: it may be broken' : ''}`
}

function moment(iso: string): string {
  return new Date(iso).toLocaleString('en-US', {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
  })
}

function make(name: string, className = '', text = ''): HTMLElement {
  const node = document.createElement(name)
  if (className) node.className = className
  node.textContent = text
  return node
}

function setText(node: Element | null, text: string): void {
  if (node && node.textContent !== text) node.textContent = text
}

refresh()
