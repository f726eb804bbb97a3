// What is taken and not stored: the wish not to be tracked, and crawlers.
import type { IncomingHttpHeaders } from 'node:http'
import type { IgnoreReason } from 'contract/refusals'
import { isCrawler } from './bots.ts'

/** Why a request leaves nothing behind, whatever else it says; the browser sends the wish with each one. */
export function reasonToIgnore(headers: IncomingHttpHeaders): IgnoreReason | null {
  if (headers.dnt === '1' || headers['sec-gpc'] === '1') return 'do_not_track'
  return isCrawler(headers['user-agent']) ? 'bot' : null
}
