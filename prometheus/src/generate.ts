// Writes the rules as Prometheus reads them, and SLO.md; with --check says whether the written ones are up to date, and writes nothing.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { families } from './families.ts'
import { write } from './rule.ts'
import { sloPage } from './slo.ts'

const check = process.argv.includes('--check')
const directory = new URL('../rules/', import.meta.url)
const files = new Map(families.map((family) => [new URL(`${family.name}.yml`, directory), write(family)]))
files.set(new URL('../../SLO.md', import.meta.url), sloPage())

for (const [file, text] of files) {
  if (!check) await writeFile(file, text)
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text)
    complain(`${file.pathname.split('/').slice(-2).join('/')} is not what prometheus/src makes`)
}
for (const name of await readdir(directory)) {
  if (families.some((family) => `${family.name}.yml` === name)) continue
  if (check) complain(`rules/${name} is made by nothing in prometheus/src`)
  else await rm(new URL(name, directory))
}

function complain(what: string) {
  console.error(`${what}: run npm run generate and commit it`)
  process.exitCode = 1
}
