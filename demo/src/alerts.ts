// The process of the demo's alert receiver.
import { buildAlertReceiver } from './alert-receiver.ts'
import { readAlertsConfig } from './config.ts'
import { run } from './process.ts'

await run(async () => ({ ...readAlertsConfig(process.env), app: await buildAlertReceiver() }))
