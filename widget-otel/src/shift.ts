// Moves what was recorded under a wrong clock to the right time.
import type { WireEvent } from 'contract/envelope'
import { shiftUuid7 } from './uuid7.ts'

export const shiftEvent = (event: WireEvent, byMs: number): WireEvent => ({
  ...event,
  id: shiftUuid7(event.id, byMs),
  session_id: shiftUuid7(event.session_id, byMs),
})
