// Writes the dashboards as Grafana reads them; with --check says whether the written ones are up to date, and writes nothing.
import { readFile, writeFile } from 'node:fs/promises'
import { widget } from './widget.ts'

const dashboards = { widget }
const check = process.argv.includes('--check')

for (const [name, dashboard] of Object.entries(dashboards)) {
  const file = new URL(`../dashboards/${name}.json`, import.meta.url)
  const text = `${JSON.stringify(dashboard.build(), null, 2)}\n`
  if (!check) await writeFile(file, text)
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(
      `grafana/dashboards/${name}.json is not what grafana/src/${name}.ts makes: run npm run generate and commit it`,
    )
    process.exitCode = 1
  }
}
