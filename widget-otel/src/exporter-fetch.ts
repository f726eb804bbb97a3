// Stands in the lazy part for `globalThis.fetch`, by which OpenTelemetry's exporter sends: it knows OpenTelemetry's mark only.
import { ownFetch } from './own-fetch.ts'

const exporterFetch = ownFetch()

export { exporterFetch as 'globalThis.fetch' }
