// What both of the demo's processes do alike: listen, say so, and stop when asked.
import type { FastifyInstance } from 'fastify'

/** Longest time from SIGTERM to the end, in milliseconds. */
const stopMs = 5_000

export async function run(
  open: () => Promise<{ app: FastifyInstance; host: string; port: number; stop?: () => Promise<void> }>,
) {
  try {
    const { app, host, port, stop } = await open()
    console.log(`listening on ${await app.listen({ host, port })}`)
    const end = async () => {
      setTimeout(() => process.exit(1), stopMs).unref()
      await app.close()
      await stop?.()
      process.exit(0)
    }
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
