// A Redis server of the test file, which tests can kill, freeze and fill.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

/** The reason for node:test's `skip`; false when the tests can run. In CI they always run. */
export const isMissing =
  process.env.CI !== 'true' &&
  spawnSync('redis-server', ['--version']).status !== 0 &&
  'needs redis-server on the PATH: install Redis'

export interface RedisServer {
  readonly url: string
  /** kill -9; resolves when the process has ended. */
  kill(): Promise<void>
  /** On the same port. */
  start(): Promise<void>
  /** SIGSTOP; resolves when a connection is accepted but gets no response. */
  freeze(): Promise<void>
  thaw(): void
  /** The response to one command, on a separate connection. */
  ask(...command: string[]): Promise<string>
  stop(): Promise<void>
}

/** Starts a server on a free port, with its own directory. Stop it in `after`. */
export async function startRedisServer(): Promise<RedisServer> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'roost-redis-'))
  let child = await spawnServer(port, folder)

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start: async () => {
      child = await spawnServer(port, folder)
    },
    freeze: async () => {
      child.kill('SIGSTOP')
      await until(() => stateOf(child).startsWith('T'))
    },
    thaw: () => void child.kill('SIGCONT'),
    ask: (...command) => ask(port, command),
    stop: async () => {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function spawnServer(port: number, folder: string): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('Ready to accept connections')) continue
    child.stdout.resume()
    return child
  }
  throw new Error(`redis-server did not start on port ${port}`)
}

function stateOf({ pid }: ChildProcess): string {
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
}

async function ask(port: number, command: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const answer = once(socket, 'data')
  socket.write(`*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`)
  const [text] = await answer
  socket.destroy()
  return text
}
