// Checks that a port is free before the service starts, and explains why it is not.
import { createServer } from 'node:net'
import { CommandError } from './context.ts'

interface Address {
  readonly host: string
  readonly port: number
  /** The variable that sets the port. */
  readonly setting: 'PORT' | 'METRICS_PORT'
}

/**
 * Throws CommandError when the port cannot be used. Checked before the database is opened, so that the refusal takes no time
 * and changes nothing.
 */
export async function requireFreePort(address: Address): Promise<void> {
  const { host, port } = address
  if (port === 0) return
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
  } catch (error) {
    throw listenError(error, address)
  }
  await new Promise((resolve) => server.close(resolve))
}

/** The CommandError for an error of listen(); other errors are returned unchanged. */
export function listenError(error: unknown, { host, port, setting }: Address): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return new CommandError(
      `port ${port} of ${host} is in use by another program, perhaps a Roost that is already running: stop it, or set ${setting} to another port`,
    )
  }
  if (code === 'EACCES')
    return new CommandError(`this user may not use port ${port}: set ${setting} to a port above 1023`)
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].includes(code ?? ''))
    return new CommandError(
      `HOST=${host} is not an address of this machine: set it to 127.0.0.1, or to 0.0.0.0 for all`,
    )
  return error
}
