// The contractor whose site the demo shows.
import { ensureTenant, type Place, type StackTenant } from './tenant.ts'

/** The remembered tenant with this demo site among its origins, or a new one where the database knows none. */
export const ensureDemoTenant = (place: Place & { demoPort: number }): Promise<StackTenant> =>
  ensureTenant(place, {
    file: 'demo-tenant',
    title: 'The demo contractor',
    name: 'Summit Roofing',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    origins: ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${place.demoPort}`),
  })
