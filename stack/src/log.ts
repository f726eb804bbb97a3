// What one process prints, in a file that starts new with each start and never grows beyond its bound.
import { createWriteStream, existsSync, mkdirSync, renameSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const maxBytes = 10 * 1024 * 1024

export type Log = { path: string; lastLine(): string; take(output: Readable): void; close(): void }

/** Keeps the file of the last start, or the fuller one, as `.1`. */
export function openLog(path: string): Log {
  mkdirSync(dirname(path), { recursive: true })
  let bytes = 0
  let last = ''
  let file = begin()

  function begin(): WriteStream {
    if (existsSync(path)) renameSync(path, `${path}.1`)
    bytes = 0
    return createWriteStream(path).on('error', () => {})
  }

  return {
    path,
    lastLine: () => last,
    take(output) {
      createInterface({ input: output }).on('line', (line) => {
        if (line.trim()) last = line
        bytes += line.length + 1
        file.write(`${line}\n`)
        if (bytes < maxBytes) return
        file.end()
        file = begin()
      })
    },
    close: () => file.end(),
  }
}
