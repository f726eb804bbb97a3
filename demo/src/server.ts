// The process of the contractor's site.
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'
import { run } from './process.ts'
import { startTracing } from './tracing.ts'

await run(async () => {
  const config = readConfig(process.env)
  const tracing = config.tracesEndpoint ? startTracing(config.tracesEndpoint) : undefined
  return { ...config, app: await buildApp(config, tracing?.plugin), stop: tracing?.stop }
})
