// Writes the dashboards as Grafana reads them; with --check says whether the written ones are up to date, and writes nothing.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dashboards } from './dashboards.ts'

const check = process.argv.includes('--check')
const directory = new URL('../dashboards/', import.meta.url)

for (const [name, dashboard] of Object.entries(dashboards)) {
  const file = new URL(`${name}.json`, directory)
  const text = `${JSON.stringify(dashboard, null, 2)}\n`
  if (!check) await writeFile(file, text)
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text)
    complain(name, `is not what grafana/src/${name}.ts makes`)
}
for (const file of await readdir(directory)) {
  if (file.replace('.json', '') in dashboards) continue
  if (check) complain(file.replace('.json', ''), 'is made by nothing in grafana/src')
  else await rm(new URL(file, directory))
}

function complain(name: string, what: string) {
  console.error(`grafana/dashboards/${name}.json ${what}: run npm run generate and commit it`)
  process.exitCode = 1
}
