// Where this machine reaches the servers of a stack, and whether they answer.
import { type Config, reachableHost } from './config.ts'

/** A server that is for this machine alone. */
export const local = (port: number) => `http://127.0.0.1:${port}`

/** A server for people and browsers. */
export const open = ({ host }: Config, port: number) => `http://${reachableHost(host)}:${port}`

export async function respondsOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
