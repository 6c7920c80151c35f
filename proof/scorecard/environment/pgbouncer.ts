// Starts PgBouncer in transaction mode in front of a PostgreSQL server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../../test/free-port.ts'
import { until } from '../../../test/until.ts'
import { killAtExit } from './cleanup.ts'
import { createFolder } from './cluster.ts'
import { canConnect } from './connect.ts'
import { findTools, serverUser } from './tools.ts'

export interface PgBouncer {
  readonly port: number
  stop(): Promise<void>
}

/** `pool_size`: server connections per user. */
export async function startPgBouncer(server_port: number, pool_size: number): Promise<PgBouncer> {
  const { pgbouncer } = findTools()
  if (pgbouncer === undefined) throw new Error('pgbouncer is not installed')
  const folder = await createFolder('roost-pgbouncer-')
  const port = await freePort()
  const user = serverUser()
  const files = {
    'users.txt': '"postgres" ""\n"roost_test_api" ""\n',
    'pgbouncer.ini': [
      '[databases]',
      `* = host=127.0.0.1 port=${server_port}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1`,
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${join(folder, 'users.txt')}`,
      'pool_mode = transaction',
      `default_pool_size = ${pool_size}`,
      'max_client_conn = 500',
      'ignore_startup_parameters = extra_float_digits',
      '',
    ].join('\n'),
  }
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    writeFileSync(file, text)
    if (user !== undefined) chownSync(file, user.uid, user.gid)
  }
  const log_file = join(folder, 'pgbouncer.log')
  const log = openSync(log_file, 'a')
  const child = killAtExit(
    spawn(pgbouncer, [join(folder, 'pgbouncer.ini')], { cwd: folder, stdio: ['ignore', log, log], ...user }),
  )
  await until(() => canConnect(`postgres://postgres@127.0.0.1:${port}/postgres`)).catch((error) => {
    throw new Error(`PgBouncer did not start: ${readFileSync(log_file, 'utf8')}`, { cause: error })
  })
  return {
    port,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}
