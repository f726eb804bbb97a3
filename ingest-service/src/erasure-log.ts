// What was erased, in a file outside the database: a restored backup knows nothing of it, and is erased again by this.
import { open, readFile } from 'node:fs/promises'

/** A session, or with null a whole tenant. */
export type Erasure = { tenant_id: string; session_id: string | null; erased_at: string }

/** Adds a line and waits until it is on the disk. Called before the deletion: a line too many does no harm. */
export async function logErasure(file: string, tenantId: string, sessionId: string | null): Promise<void> {
  const erasure: Erasure = { tenant_id: tenantId, session_id: sessionId, erased_at: new Date().toISOString() }
  const handle = await open(file, 'a', 0o600)
  try {
    await handle.appendFile(`${JSON.stringify(erasure)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** All that the file has; none when there is no file. @throws naming a line that is no erasure, unless it is a torn last one */
export async function readErasures(file: string): Promise<Erasure[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n')
  const last = lines.pop()
  if (last) lines.push(last)
  return lines.flatMap((line, index) => {
    try {
      return [JSON.parse(line) as Erasure]
    } catch {
      // the machine stopped while it was written: its deletion had not begun
      if (last && index === lines.length - 1) return []
      throw new Error(`${file}:${index + 1} is no erasure: mend or remove the line`)
    }
  })
}
