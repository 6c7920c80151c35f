// An AbortSignal that is aborted when the client closes its connection.
import type { Socket } from 'node:net'
import { AppError } from '../core/app-error.ts'

/** Not in the catalogue, because no client receives it. The log line of the request shows the status 499. */
class ClientClosedError extends AppError {
  constructor() {
    super({
      code: 'CLIENT_CLOSED_REQUEST',
      status: 499,
      message: 'The client has closed the connection.',
      when: 'The client closed its connection while the request was waiting. Nothing was changed.',
      advice: 'None.',
      retryable: true,
    })
  }
}

const controllers = new WeakMap<Socket, AbortController>()

/**
 * Aborted with ClientClosedError when the connection is closed; all requests on it share one signal. `request.signal` of Fastify
 * cannot be used: it is aborted as soon as the body has been read (5.12.8).
 */
export function clientSignal(socket: Socket): AbortSignal {
  const known = controllers.get(socket)
  if (known !== undefined) return known.signal
  const controller = new AbortController()
  const abort = () => controller.abort(new ClientClosedError())
  controllers.set(socket, controller)
  if (socket.destroyed) abort()
  else socket.once('close', abort)
  return controller.signal
}
