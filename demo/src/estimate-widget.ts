// The estimate widget: a chat that ends in an estimate, a lead and a quote. Every step of a visit tells the telemetry.
import { start } from 'widget-otel'
import { greeting } from './conversation.ts'
import type { Estimate } from './estimate.ts'
import type { Job } from './job.ts'
import type { Switches } from './switches.ts'
import { ApiError, type Contact, createApi, timed } from './widget-api.ts'
import { createPanel } from './widget-panel.ts'

const version = '1.0.0'

const script = document.querySelector<HTMLScriptElement>('script[data-site-key]')
const { siteKey = '', ingestUrl = '' } = script?.dataset ?? {}
const telemetry = start({ siteKey, endpoint: ingestUrl, widgetVersion: version, autoLoaded: false })
const api = createApi(telemetry)

const panel = createPanel({ onOpen, onMessage, onContact, onQuote })
let broken = false
let hello = greeting
let asked = greeting.next
let job: Partial<Job> = {}
let estimate: Estimate | null = null
let leadId: string | null = null

try {
  const config = await api.loadConfig()
  broken = config.broken_widget
  hello = config.greeting
} catch (error) {
  // without its configuration the widget greets as it was built
  report(error)
}
document.body.append(panel.host)
telemetry.loaded()

// the what-if panel stands on the same page and need not wait for the next visit
document.addEventListener('what-if', (event) => {
  broken = (event as CustomEvent<Switches>).detail.broken_widget
})

function onOpen(): void {
  telemetry.opened({ trigger: 'click' })
  try {
    if (broken) throw new TypeError('Broken by the what-if panel')
    if (panel.draw()) greet()
  } catch (error) {
    telemetry.error(error, { source: 'render', fatal: true })
    panel.giveUp()
  }
}

function greet(): void {
  asked = hello.next
  job = {}
  panel.say(hello.text, hello.suggestions)
}

async function onMessage(text: string): Promise<void> {
  const question = asked
  if (!question) return
  await attempt(async () => {
    const [reply, response_ms] = await timed(api.sendMessage({ asked: question, text }))
    telemetry.messageSent({ response_ms })
    asked = reply.next
    job = { ...job, ...reply.understood }
    panel.say(reply.text, reply.suggestions)
    if (reply.next === null) await makeEstimate()
  })
}

async function makeEstimate(): Promise<void> {
  await attempt(async () => {
    const [made, duration_ms] = await timed(api.createEstimate(job as Job))
    telemetry.estimateGenerated({ duration_ms, amount: made.amount, currency: made.currency })
    estimate = made
    panel.showEstimate(made)
  })
}

async function onContact(contact: Contact): Promise<void> {
  await attempt(async () => {
    leadId = (await api.submitLead(contact)).lead_id
    telemetry.leadCaptured({ contact: 'email' in contact ? 'email' : 'phone' })
    panel.offerQuote()
  })
}

async function onQuote(): Promise<void> {
  const { service } = job
  if (!leadId || !estimate || !service) return
  const { amount, currency } = estimate
  const quote = { lead_id: leadId, service, amount }
  await attempt(async () => {
    await api.requestQuote(quote)
    telemetry.quoteRequested({ service, amount, currency })
    panel.thank()
  })
}

/** Runs a step; when it fails, says so in the telemetry and offers the visitor the same step again. */
async function attempt(step: () => Promise<void>): Promise<void> {
  panel.wait()
  try {
    await step()
  } catch (error) {
    report(error)
    panel.offerRetry(() => attempt(step))
  }
}

function report(error: unknown): void {
  telemetry.error(
    error,
    error instanceof ApiError ? { source: 'api', operation: error.operation } : { source: 'other' },
  )
}
