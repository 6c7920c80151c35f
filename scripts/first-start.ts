// Checks the first commands of the README in new clones, with the versions of npm and Node that people have.
//   node bin/run.mjs scripts/first-start.ts
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { freePort } from '../test/free-port.ts'
import { until } from '../test/until.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'Roost für zwei '))
/** npm 10 comes with Node 20 and 22, npm 11 with Node 24. Without `node`: the project's own. */
const cases = [{ npm: '10.9.9', node: '20.20.2' }, { npm: '11.19.1' }]
/** The package with Node for this system, if there is one. */
const node_package = process.platform === 'linux' ? `node-linux-${process.arch}` : undefined

/** Settings of the caller do not apply; an empty one is unset. */
const unset = { DATABASE_URL: '', DATA_DIR: '', ENV_FILE: '', HOST: '', JWT_SECRET: '', REDIS_URL: '' }

/** Installs a package into a folder of its own and returns the folder. */
function install(name: string, version: string): string {
  const prefix = join(folder, `${name}-${version}`)
  execFileSync('npm', ['install', '--no-save', '--prefix', prefix, `${name}@${version}`], { stdio: 'ignore' })
  return join(prefix, 'node_modules', name)
}

async function check({ npm, node }: { npm: string; node?: string }): Promise<void> {
  const npm_cli = join(install('npm', npm), 'bin/npm-cli.js')
  const other = node !== undefined && node_package !== undefined ? install(node_package, node) : undefined
  const program = other === undefined ? process.execPath : join(other, 'bin/node')
  const clone = join(folder, `npm ${npm}`)
  execFileSync('git', ['clone', '--quiet', root, clone])
  const port = await freePort()
  const PATH = [dirname(program), process.env.PATH].join(delimiter)
  const env = { ...process.env, ...unset, PATH, PORT: String(port) }
  const npmRun = (...args: string[]) => {
    const { status } = spawnSync(program, [npm_cli, ...args], {
      cwd: clone,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}`)
  }
  npmRun('ci')
  npmRun('test', '--', 'src/core/cursors')
  const service = spawn(program, [npm_cli, 'start'], { cwd: clone, env, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await serves(`http://127.0.0.1:${port}`, service)
  } finally {
    service.kill('SIGTERM')
  }
  await until(() => isRefused(port))
  // The folder is free again, and the schema is complete.
  execFileSync(join(clone, 'bin/roost'), ['doctor'], { cwd: clone, env, stdio: ['ignore', 'ignore', 'inherit'] })
}

async function serves(address: string, service: ChildProcess): Promise<void> {
  const ended = once(service, 'exit').then(([code]) => {
    throw new Error(`npm start ended with ${code}`)
  })
  const isReady = () =>
    fetch(`${address}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await Promise.race([until(isReady), ended])
  ended.catch(() => {})
  const { status } = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@alps.example', password: 'roost-demo' }),
  })
  if (status !== 200) throw new Error(`the demo sign-in answered ${status}`)
}

const isRefused = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health/live`).then(
    () => false,
    () => true,
  )

try {
  for (const one of cases) {
    await check(one)
    process.stdout.write(
      `npm ${one.npm} on Node ${one.node ?? process.versions.node}: npm ci, npm test and npm start work\n`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
