// The ports of the stack, which variable moves each, and who is in the way of one.
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { commandLine } from './pids.ts'

/** Default ports by the variable that moves them. */
export const defaultPorts = {
  PORT: 8080,
  OPERATIONS_PORT: 8081,
  CANARY_PORT: 8082,
  DEMO_PORT: 8090,
  ALERTS_PORT: 8091,
  POSTGRES_PORT: 5433,
  COLLECTOR_OTLP_PORT: 4318,
  COLLECTOR_INTERNAL_PORT: 4319,
  COLLECTOR_METRICS_PORT: 8888,
  COLLECTOR_SPAN_METRICS_PORT: 8889,
  COLLECTOR_HEALTH_PORT: 13133,
  PROMETHEUS_PORT: 9090,
  ALERTMANAGER_PORT: 9093,
  TRACES_OTLP_PORT: 14318,
  TRACES_PORT: 16686,
  GRAFANA_PORT: 3000,
}
export type PortName = keyof typeof defaultPorts
export type Ports = Record<PortName, number>
export const portNames = Object.keys(defaultPorts) as PortName[]

/** Listens for a moment; the port is free again afterwards. Rejects when somebody else listens there. */
async function tryPort(host: string, port: number): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(port)))
  })
}

/** Above what browsers refuse to ask, below what systems give to outgoing connections (Linux: from 32768), which would take it before its owner listens. */
const given = { from: 10_100, to: 32_767 }

/**
 * Takes the port of the same number in UDP, which nothing here speaks, until this process ends: a sign to others who look
 * for a free port while nobody listens there yet, or for a moment no longer. Rejects when somebody else has it.
 */
async function claim(port: number): Promise<void> {
  const socket = createSocket('udp4').unref()
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve())
  })
}

/** A port that nobody listens on now, and that no living process was given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(given.from, given.to + 1)
    try {
      await claim(port)
      return await tryPort('127.0.0.1', port)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

/** A free port for each part: for a stack beside another one. */
export async function freePorts(): Promise<Ports> {
  const ports: [PortName, number][] = []
  for (const name of portNames) ports.push([name, await freePort()])
  return Object.fromEntries(ports) as Ports
}

type Wanted = { name: PortName; port: number; title: string }

/** One sentence for each of these ports that cannot be had. */
export async function portsInUse(host: string, wanted: Wanted[]): Promise<string[]> {
  const sentences: string[] = []
  for (const [index, { name, port, title }] of wanted.entries()) {
    const twin = wanted.slice(0, index).find((other) => other.port === port)
    const error = await tryPort(host, port).then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    )
    if (twin) sentences.push(`Port ${port} is given twice, by ${twin.name} and ${name}; they need different ones`)
    else if (error) sentences.push(describe(error, host, { name, port, title }))
  }
  return sentences
}

function describe({ code, message }: NodeJS.ErrnoException, host: string, { name, port, title }: Wanted) {
  // far from the neighbours, which are likely to be wanted as well
  const other = port < 50_000 ? port + 10_000 : port - 10_000
  if (code === 'EACCES')
    return `Port ${port} for ${title} may not be opened by you; choose one above 1023: ${name}=${other}`
  if (code !== 'EADDRINUSE')
    return `Nothing can listen on ${host}:${port} for ${title} (${message}); see HOST and ${name}`
  const holder = portHolder(port)
  return `Port ${port} for ${title} is in use${holder ? ` by ${holder}` : ''}; stop that or choose another: ${name}=${other}`
}

/** The process that listens on this port, where the system tells: Linux, and processes we may look into. */
function portHolder(port: number): string | undefined {
  try {
    const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port))
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
      if (openSockets(pid).some((inode) => inodes.includes(inode)))
        return `${commandLine(Number(pid))
          .replace(/^\S*\//, '')
          .slice(0, 60)} (process ${pid})`
  } catch {
    // no /proc
  }
  return undefined
}

function listeningInodes(table: string, port: number) {
  const listening = '0A'
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === listening)
    .map((fields) => fields[9] ?? '')
}

function openSockets(pid: string) {
  const directory = `/proc/${pid}/fd`
  return listOrNone(directory).map((fd) => /^socket:\[(\d+)\]$/.exec(linkOrNone(`${directory}/${fd}`))?.[1] ?? '')
}

// processes end and files are closed while one looks, and other people's may not be looked into
function listOrNone(directory: string) {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function linkOrNone(path: string) {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
