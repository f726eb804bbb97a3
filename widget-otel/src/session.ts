// The visit: one id per tab, until 30 idle minutes or 4 hours end it.
import { sessionIdleMs, sessionMaxMs } from 'contract/limits'
import { clock } from './clock.ts'
import { read, write } from './storage.ts'
import { uuid7At, uuid7Ms } from './uuid7.ts'

export type Visit = {
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
export function isOver({ id, seenMs }: Visit, atMs: number): boolean {
  const ageMs = atMs - uuid7Ms(id)
  return !(ageMs >= 0 && ageMs < sessionMaxMs && atMs - seenMs < sessionIdleMs)
}

/**
 * Kept in sessionStorage while `mayStore` says so, else in memory. Read anew each time, as pages of the tab share it;
 * read without leave to write as well, or each page that asks for consent would begin a new session.
 */
export function createSession(mayStore: () => boolean) {
  let current: Visit | undefined
  const load = () => {
    if (mayStore() || !current) current = read<Visit>('sessionStorage', key) ?? current
    return current
  }
  const save = (visit = current) => {
    current = visit
    if (mayStore()) write('sessionStorage', key, visit)
  }
  clock.correctionMs = load()?.offsetMs ?? clock.correctionMs

  return {
    /** The session that an event at this moment belongs to, kept alive by it. */
    touch(atMs: number, messages: number): Visit {
      const last = load()
      const visit =
        last && !isOver(last, atMs)
          ? { ...last, seenMs: atMs, messages: last.messages + messages }
          : { id: uuid7At(atMs), seenMs: atMs, messages, offsetMs: clock.correctionMs }
      save(visit)
      return visit
    },
    load,
    /** Also stores what was kept in memory until now. */
    save,
    clear() {
      current = undefined
      write('sessionStorage', key)
    },
  }
}

export type Session = ReturnType<typeof createSession>
