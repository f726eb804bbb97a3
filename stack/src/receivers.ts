// Who hears of alerts on this machine: whom the environment names, otherwise the demo's alert receiver.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** Variables of `alertmanager/start.sh`; what is in the environment already goes before. */
export function receivers({ ports, deadmanUrl, receiversGiven }: Config): Record<string, string> {
  const box = (name: string) => `http://127.0.0.1:${ports.ALERTS_PORT}/${name}`
  return {
    ...(receiversGiven.includes('ON_CALL') ? {} : { ON_CALL_URL: box('on-call') }),
    ...(receiversGiven.includes('TICKETS') ? {} : { TICKETS_URL: box('tickets') }),
    DEADMAN_URL: deadmanUrl ?? box('watchdog'),
  }
}

/** The directory Alertmanager runs in, which holds secrets. */
export async function alertmanagerDirectory({ dataDir }: Config): Promise<string> {
  const directory = join(dataDir, 'alertmanager')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return directory
}
