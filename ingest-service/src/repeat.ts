// Work that is done again and again beside the requests.

export type Repeated = { close(): Promise<void> }

/** The work may take this share of the time; when it takes longer, it is done less often. */
const maxShare = 0.25

/** Does `work`, waits at least `ms`, and so on until closed; closing waits for what is under way. */
export function repeat(ms: number, work: () => Promise<unknown>, failed: (error: Error) => void): Repeated {
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let running = run()

  async function run(): Promise<void> {
    const startedMs = performance.now()
    await work().catch(failed)
    const tookMs = performance.now() - startedMs
    if (closed) return
    timer = setTimeout(
      () => {
        running = run()
      },
      Math.max(ms, tookMs / maxShare - tookMs),
    )
  }

  return {
    close() {
      closed = true
      clearTimeout(timer)
      return running
    },
  }
}
