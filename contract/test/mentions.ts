// Finds what documents, comments and messages name that is not there: files, decisions, scripts, commands, services, variables.
import { dirname, join } from 'node:path/posix'

/** What there is to be named. */
export type Known = {
  /** Every file, from the root. */
  files: string[]
  /** Its text. */
  read: (file: string) => string
  /** Scripts of `package.json`. */
  scripts: string[]
  /** Names of benches. */
  benches: string[]
  /** Commands and options of the operator's program. */
  operator: string[]
  /** Services of `docker-compose.yml`. */
  services: string[]
  /** Words in capitals that programs and configurations use. */
  variables: Set<string>
}

const endings = 'ts|mjs|js|md|sql|ya?ml|json|sh|css|html|tmpl|svg'

/** One line for each name in the text that nothing bears. */
export function wrongMentions(file: string, text: string, known: Known): string[] {
  const isPage = file.endsWith('.md')
  // what a test plants as wrong stands in its code
  const words = /\/test\/.*\.ts$/.test(file) ? commentsOf(text) : text
  const wrong = [
    ...(isPage ? wrongLinks(file, text, known) : []),
    ...wrongPaths(words, known),
    ...wrongDecisions(words, known),
    ...wrongCommands(words, known),
    ...(isPage ? wrongVariables(text, known) : []),
  ]
  return [...new Set(wrong)].map((name) => `${file}: ${name}`)
}

const commentsOf = (code: string): string =>
  code
    .split('\n')
    .filter((line) => /^\s*(\/\/|\/?\*)/.test(line))
    .join('\n')

function wrongLinks(page: string, text: string, { files, read }: Known): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const target = path ? join(dirname(page), path).replace(/\/$/, '') : page
    if (!files.some((file) => file === target || file.startsWith(`${target}/`))) return [`link ${link}`]
    const isThere = !anchor || anchorsOf(target === page ? text : read(target)).includes(anchor)
    return isThere ? [] : [`heading ${link}`]
  })
}

const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

/** Paths from the root as they are; in backticks, also the end of a path. */
function wrongPaths(text: string, { files }: Known): string[] {
  const folders = [...new Set(files.flatMap((file) => (file.includes('/') ? file.split('/', 1) : [])))].join('|')
  const fromRoot = new RegExp(`(?<![\\w./@\${}-])(?:${folders})/[\\w./-]+\\.(?:${endings})(?![\\w*])`, 'g')
  const quoted = new RegExp(`\`([\\w.-][\\w./-]*\\.(?:${endings}))\``, 'g')
  return [
    ...[...text.matchAll(fromRoot)].map(([path]) => path).filter((path) => !files.includes(path)),
    ...[...text.matchAll(quoted)]
      .map(([, path = '']) => path)
      .filter((path) => !madeFiles.has(path) && !files.some((file) => file === path || file.endsWith(`/${path}`))),
  ].map((path) => `file ${path}`)
}

/** What is made while it runs: bundles, and the list of what runs. */
const madeFiles = new Set(['widget.js', 'manifest.json', 'stack.json'])

function wrongDecisions(text: string, { files }: Known): string[] {
  const mentioned = [...text.matchAll(/(?:\bdecisions?[ /]|`)(\d{4})(?=[^\w]|$)(-[\w-]+(?:\.md)?)?/g)]
  return mentioned.flatMap(([, number = '', name = '']) =>
    files.some((file) => file.startsWith(`decisions/${number}${name}`)) ? [] : [`decision ${number}${name}`],
  )
}

function wrongCommands(text: string, { files, scripts, benches, operator, services }: Known): string[] {
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name)
  const isFile = (path: string) => files.some((file) => file === path || file.startsWith(path))
  return [
    ...all(/\bnpm run (?:-s )?([a-z][\w-]*)/g)
      .filter((name) => !scripts.includes(name))
      .map((name) => `script ${name}`),
    ...all(/\bnpm run bench -- ([a-z][\w-]*)/g)
      .filter((name) => !benches.includes(name))
      .map((name) => `bench ${name}`),
    ...all(/\bnpm test -- (?:--long )?([a-z][\w./-]*)/g)
      .filter((path) => !isFile(path))
      .map((path) => `test ${path}`),
    ...all(/(?:`|^|exec ingest-service |-s )leadlight (?:-- )?([a-z][^`\n&|>'"]*)/gm)
      .flatMap((line) => [...(/^[a-z -]*/.exec(line)?.[0] ?? '').matchAll(/[a-z-]+/g), ...line.matchAll(/--[a-z-]+/g)])
      .map(([word]) => word)
      .filter((word) => !operator.includes(word))
      .map((word) => `leadlight ${word}`),
    ...all(/\bdocker compose (?:up -d|start|stop|restart|logs|exec|run) ([a-z][\w-]*)/g)
      .filter((name) => !services.includes(name))
      .map((name) => `service ${name}`),
  ]
}

const wrongVariables = (page: string, { variables }: Known): string[] =>
  [...page.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g)]
    .map(([, name = '']) => name)
    .filter((name) => !variables.has(name))
    .map((name) => `variable ${name}`)
