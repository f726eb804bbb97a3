// Which addresses the processes of a running stack listen at, as the kernel tells.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readRunning } from 'stack/running'

const listening = '0A'

/** `address:port` of each listening socket by process, IPv4 as four bytes in hexadecimal, lowest first. */
export function listeningSockets(dataDir: string): Record<string, string[]> {
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === listening)
      .map((fields) => ({ address: fields[1] ?? '', inode: fields[9] ?? '' })),
  )
  const running = Object.entries(readRunning(dataDir)?.processes ?? {})
  return Object.fromEntries(
    running.map(([name, identity]) => {
      const own = identity ? openSockets(identity.pid) : []
      return [name, sockets.filter(({ inode }) => own.includes(inode)).map(({ address }) => address)]
    }),
  )
}

function openSockets(pid: number): string[] {
  const directory = `/proc/${pid}/fd`
  return readdirSync(directory).map((file) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${file}`))?.[1] ?? ''
    } catch {
      return '' // closed meanwhile
    }
  })
}
