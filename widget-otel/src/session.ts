// The visit: one id per tab, until 30 idle minutes or 4 hours end it.
import { sessionIdleMs, sessionMaxMs } from 'contract/limits'
import { clockOffsetMs, setClockOffset } from './clock.ts'
import { read, write } from './storage.ts'
import { shiftUuid7, uuid7At, uuid7Ms } from './uuid7.ts'

export type Session = {
  id: string
  /** When its last event happened. */
  seenMs: number
  /** Messages the visitor has sent so far. */
  messages: number
  /** The clock's correction, which the visit's later pages go on with. */
  offsetMs: number
}

const key = 'leadlight:session'

/** True when an event at `atMs` belongs to a new session; also for an id from the future and for one that is none. */
export function isOver({ id, seenMs }: Session, atMs: number): boolean {
  const ageMs = atMs - uuid7Ms(id)
  return !(ageMs >= 0 && ageMs < sessionMaxMs && atMs - seenMs < sessionIdleMs)
}

/**
 * Kept in sessionStorage while `mayStore` says so, else in memory. Read anew each time, as pages of the tab share it;
 * read without leave to write as well, or each page that asks for consent would begin a new session.
 */
export function createSession(mayStore: () => boolean) {
  let current: Session | undefined
  const load = () => {
    if (mayStore() || !current) current = read<Session>('sessionStorage', key) ?? current
    return current
  }
  const save = (session = current) => {
    current = session
    if (mayStore()) write('sessionStorage', key, session)
  }
  setClockOffset(load()?.offsetMs ?? clockOffsetMs())

  return {
    /** The session that an event at this moment belongs to, kept alive by it. */
    touch(atMs: number, messages: number): Session {
      let session = load()
      if (!session || isOver(session, atMs))
        session = { id: uuid7At(atMs), seenMs: atMs, messages: 0, offsetMs: clockOffsetMs() }
      session = { ...session, seenMs: atMs, messages: session.messages + messages }
      save(session)
      return session
    },
    /** Stores what was kept in memory until now. */
    save: () => save(),
    /** The id under which this visitor's last event was recorded. */
    id: () => load()?.id,
    /** Follows a correction of the clock. */
    shift(byMs: number) {
      const session = load()
      if (session)
        save({ ...session, id: shiftUuid7(session.id, byMs), seenMs: session.seenMs + byMs, offsetMs: clockOffsetMs() })
    },
    clear() {
      current = undefined
      write('sessionStorage', key)
    },
  }
}
