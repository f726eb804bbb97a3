// A document that names what is not there sends its reader into the void: every name in one is looked up.
import { type Dirent, globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultPorts } from 'stack/ports'
import t from 'tap'
import { parse } from 'yaml'
import { type Known, wrongMentions } from './mentions.ts'
import { read } from './queries.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** What is no source: packages, builds, what a run leaves behind. Of what begins with a dot only the example of the environment is one. */
const isMade = ({ name }: Dirent) =>
  /^(\.(?!env\.example$).*|node_modules|dist|screenshots|package-lock\.json|.*\.sum)$/.test(name)

const all = globSync(['.env.example', '**/*'], { cwd: root, withFileTypes: true, exclude: isMade })
  .filter((entry) => entry.isFile() && !isMade(entry))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .sort()
const texts = all.filter((file) => /(\.(ts|mjs|js|md|sql|ya?ml|sh|css|html|tmpl|example)|Dockerfile)$/.test(file))
const programs = texts.filter((file) => !/\.md$|\/test\//.test(file))
const ofOperator = all.filter((file) => /^ingest-service\/src\/(leadlight|cli\/.*)\.ts$/.test(file)).map(read)

const known: Known = {
  files: all,
  read,
  scripts: Object.keys(JSON.parse(read('package.json')).scripts),
  benches: [...read('bench/src/run.ts').matchAll(/^ {2}'?([a-z][a-z-]*)'?(?:: \w+)?,$/gm)].map(([, name = '']) => name),
  operator: ['--help', ...ofOperator.flatMap((code) => code.match(/--[a-z-]+|(?<=')[a-z][a-z-]*(?=')/g) ?? [])],
  services: Object.keys(parse(read('docker-compose.yml'), { merge: true }).services),
  variables: new Set(programs.flatMap((file) => read(file).match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g) ?? [])),
}

t.test('what documents, comments and messages name is there', async (t) => {
  t.strictSame(
    texts.flatMap((file) => wrongMentions(file, read(file), known)),
    [],
  )
})

t.test('a name that nothing bears is caught wherever it is planted', async (t) => {
  for (const [text, name] of [
    ['[this](../decisions/0001-the-service-is-a-superuser.md)', 'link ../decisions/0001-the-service-is-a-superuser.md'],
    ['[there](Watchdog.md#diagnoses)', 'heading Watchdog.md#diagnoses'],
    ['as contract/src/event.ts says', 'file contract/src/event.ts'],
    ['as `routes/event.ts` says', 'file routes/event.ts'],
    ['(`decisions/9999-…`)', 'decision 9999'],
    ['as decision 9999 says', 'decision 9999'],
    ['decisions/0001-the-service-is-a-superuser.md', 'decision 0001-the-service-is-a-superuser.md'],
    ['run `npm run generated`', 'script generated'],
    ['`npm run bench -- ingestion`', 'bench ingestion'],
    ['`npm test -- contract/test/name.test.ts`', 'test contract/test/name.test.ts'],
    ['`leadlight tenant remove ID`', 'leadlight remove'],
    ['`npm run -s leadlight -- tenant add --names X`', 'leadlight --names'],
    ['`docker compose up -d canaries`', 'service canaries'],
    ['set `COLLECTOR_ADDRESS_OF`', 'variable COLLECTOR_ADDRESS_OF'],
  ] as const)
    t.ok(wrongMentions('runbooks/x.md', text, known).includes(`runbooks/x.md: ${name}`), name)
})

t.test('every variable that a program reads is documented, and every port with its number', async (t) => {
  for (const workspace of ['ingest-service', 'canary']) {
    const config = read(`${workspace}/src/config.ts`)
    const names = [...config.matchAll(/\benv(?:\.|, ')([A-Z][A-Z0-9_]+)/g)].map(([, name]) => name)
    t.ok(names.includes('HOST'), `${workspace} reads some`)
    const page = read(`${workspace}/README.md`)
    t.strictSame(
      names.filter((name) => !page.includes(`\`${name}\``)),
      [],
      workspace,
    )
  }
  const rows = read('ARCHITECTURE.md')
    .split('\n')
    .filter((line) => line.startsWith('| '))
  t.strictSame(
    Object.entries(defaultPorts)
      .filter(([name, port]) => !rows.some((row) => row.includes(`\`${name}\``) && row.includes(`${port}`)))
      .map(([name]) => name),
    [],
    'ARCHITECTURE.md',
  )
})
