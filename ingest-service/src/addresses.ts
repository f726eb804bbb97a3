// Whether all visitors seem to have one address: then a proxy stands before the service that it was not told of.
import { networkOf } from './limits.ts'

const hourMs = 3_600_000
/** So many requests of one address and none of another are no coincidence. */
const suspiciousRequests = 1_000

/** Give it every request's address; `suspected` is told at most once an hour. */
export function watchAddresses(suspected: () => void, now: () => number = Date.now): (address: string) => void {
  let hour = 0
  let only: string | null | undefined
  let requests = 0
  return (address) => {
    const current = Math.floor(now() / hourMs)
    if (current !== hour) {
      hour = current
      only = undefined
      requests = 0
    }
    // several are known of this hour
    if (only === null) return
    const network = networkOf(address)
    only ??= network
    if (network !== only) only = null
    else if (++requests === suspiciousRequests) suspected()
  }
}
