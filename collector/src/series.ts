// `npm run series`: prints how many series browsers can cause, and whether every limit that follows from it is set so.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { maxTenants } from 'contract/limits'
import { seriesLimits, seriesOfTenant } from 'contract/series'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8')
const numberIn = (file: string, pattern: RegExp) => Number(pattern.exec(read(file))?.[1])

const tenants = Number(process.env.TENANTS_MAX || maxTenants)
const buckets = /buckets: \[([^\]]*)\]/.exec(read('collector/config.yaml'))?.[1]?.split(',').length ?? 0
const { calls, durations, fuse, warning, samples } = seriesLimits(tenants, buckets)

const places = [
  {
    what: 'fuse',
    wanted: fuse,
    file: 'collector/config.yaml',
    pattern: /aggregation_cardinality_limit: (\d+)/,
  },
  {
    what: 'largest scrape',
    wanted: samples,
    file: 'prometheus/prometheus.yml',
    pattern: /job_name: widget-spans[\s\S]*?sample_limit: (\d+)/,
  },
  {
    what: 'warning',
    wanted: warning,
    file: 'prometheus/rules/collector.yml',
    pattern: /job:widget_span_calls:count > (\d+)/,
  },
]

console.log(`${seriesOfTenant} series of calls for each tenant, whatever its visitors' browsers send`)
console.log(`${calls} for ${tenants} tenants (TENANTS_MAX), and ${durations} samples of durations for all together`)
for (const { what, wanted, file, pattern } of places) {
  const set = numberIn(file, pattern)
  console.log(`${what.padEnd(14)} ${wanted} ${set === wanted ? `as in ${file}` : `but ${set} in ${file}`}`)
  if (set !== wanted) process.exitCode = 1
}
