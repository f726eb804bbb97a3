// A visitor's wish not to be tracked, as the browser sends it with each request.
import type { IncomingHttpHeaders } from 'node:http'

/** True with `DNT: 1` or `Sec-GPC: 1`. Such a request leaves nothing behind, whatever else it says. */
export const asksNotToBeTracked = (headers: IncomingHttpHeaders): boolean =>
  headers.dnt === '1' || headers['sec-gpc'] === '1'
