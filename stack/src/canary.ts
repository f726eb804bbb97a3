// The synthetic visitor, in a process of its own so that it does not fall silent together with what it watches.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { local, respondsOk } from './addresses.ts'
import { type Process, type Stack, stackUrl } from './process.ts'
import { ensureTenant, tenantFile } from './tenant.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const file = 'canary-tenant'

export function canary(stack: Stack): Process {
  const { ports, publicUrl, dataDir, canaryIntervalSeconds } = stack
  return {
    name: 'canary',
    title: 'canary',
    core: false,
    // it looks for its visits in the collector's metrics as well
    needs: ['ingest-service', 'collector', 'prometheus'],
    ports: ['CANARY_PORT'],
    prepare: async () => {
      const place = { dataDir, publicUrl, databaseUrl: stackUrl(stack) as string }
      await ensureTenant(place, {
        file,
        title: "The canary's tenant",
        name: 'Canary',
        timeZone: 'UTC',
        origins: ['https://canary.invalid'],
        isCanary: true,
      })
    },
    command: async () => ({
      file: process.execPath,
      args: ['--enable-source-maps', join(root, 'canary/src/server.ts')],
      env: {
        HOST: '127.0.0.1',
        CANARY_PORT: `${ports.CANARY_PORT}`,
        CANARY_URL: publicUrl,
        CANARY_TENANT_FILE: tenantFile(dataDir, file),
        CANARY_INTERVAL_SECONDS: `${canaryIntervalSeconds}`,
        PROMETHEUS_URL: local(ports.PROMETHEUS_PORT),
      },
    }),
    healthy: () => respondsOk(`${local(ports.CANARY_PORT)}/health`),
  }
}
