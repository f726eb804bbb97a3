// Runs one of the project's TypeScript programs with the Node.js version it pins, after installing the packages when
// they are missing or older than the lock file. Plain JavaScript, because the Node.js that starts it may be any from 20 on.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))
const node = `${root}node_modules/node/bin/node`
const [program, ...args] = process.argv.slice(2)

/** Whether what npm last installed here is what the lock file says; packages for other systems are not installed. */
function isInstalled() {
  try {
    const packagesOf = (lock) => JSON.parse(readFileSync(`${root}${lock}`, 'utf8')).packages
    const installed = packagesOf('node_modules/.package-lock.json')
    return Object.entries(packagesOf('package-lock.json')).every(
      ([path, { version, optional }]) =>
        !path.startsWith('node_modules/') || optional || installed[path]?.version?.replace(/^v/, '') === version,
    )
  } catch {
    return false
  }
}

if (!isInstalled()) {
  process.stderr.write('Installing packages (npm ci, about half a minute) …\n')
  // warnings off: packages that ask for a newer Node.js get the pinned one
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (npm.status !== 0) {
    process.stderr.write('The packages could not be installed; the lines above say why. Mend that and try again.\n')
    process.exit(1)
  }
}

const child = spawn(node, [`${root}${program}`, ...args], { stdio: 'inherit' })
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
// Ctrl-C in a terminal reaches the child by itself, and a second one would mean "at once"; without a terminal it is passed on
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
child.on('exit', (code, signal) => {
  if (!signal) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
