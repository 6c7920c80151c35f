// The HTTP server under Fastify: its limits, and what is answered before there is a request Fastify could see.
import { createServer, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AppError } from '../core/app-error.ts'
import {
  BadRequestError,
  ExpectationFailedError,
  HeadersTooLargeError,
  MethodNotAllowedError,
  RequestTimeoutError,
  UriTooLongError,
} from '../core/request-errors.ts'
import { tooManyPieces } from './body-limits.ts'
import { watchConnections } from './connections.ts'
import { envelope } from './error-envelope.ts'

const max_header_bytes = 16 * 1024

/** An open connection takes some 20 kB; one more than these is closed at once. */
const max_connections = 10_000

/** How long a refused connection is still listened to, so that the client reads the reply before the reset. */
const linger_ms = 1000

type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

/**
 * A server that answers in the envelope whatever the parser refuses. A request has 5 s for its headers and 10 s in all. A
 * client that does not take its replies loses its connection (connections.ts).
 */
export function createHttpServer(handler: RequestListener): Server {
  const options = {
    connectionsCheckingInterval: 1000,
    headersTimeout: 5000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: max_header_bytes,
    requestTimeout: 10_000,
    // Node's own refusal has no body: gate.ts checks the header instead.
    requireHostHeader: false,
  }
  const newest = new WeakMap<Duplex, ServerResponse>()
  const server = createServer(options, (request, response) => {
    if (!mayBegin(response)) return
    newest.set(request.socket, response)
    handler(request, response)
  })
  const mayBegin = watchConnections(server)
  server.maxConnections = max_connections
  server.timeout = 30_000
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const { head, body } = messageOf(new ExpectationFailedError())
    response.writeHead(417, head).end(body)
  })
  server.on('connect', (_request, socket) => {
    afterReply(newest.get(socket), () => close(socket, new MethodNotAllowedError({ headers: { allow: '' } })))
  })
  server.on('clientError', refuser(newest))
  return server
}

/**
 * Answers the first thing a connection sends that is no HTTP, after the replies that are still due on it, and closes
 * it. A request that had its reply before its body went wrong gets no second one: the client would take it for the
 * reply to the next request.
 */
function refuser(newest: WeakMap<Duplex, ServerResponse>) {
  const refused = new WeakSet<Duplex>()
  return (error: ParserError, socket: Socket): void => {
    if (refused.has(socket)) return
    refused.add(socket)
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const refuse = () => close(socket, refusal(error))
    const due = newest.get(socket)
    if (due === undefined || due.req.complete) afterReply(due, refuse)
    else if (due.headersSent) close(socket)
    else if (due.socket === null) due.once('socket', refuse)
    else refuse()
  }
}

function afterReply(due: ServerResponse | undefined, then: () => void): void {
  if (due === undefined || due.writableFinished) then()
  else due.once('close', then)
}

function refusal({ code, rawPacket }: ParserError): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeoutError()
  // json-body.ts pauses the parser of such a body.
  if (code === 'HPE_PAUSED') return tooManyPieces()
  if (code !== 'HPE_HEADER_OVERFLOW') return new BadRequestError()
  const begins = rawPacket !== undefined && /^[A-Z]+ /.test(rawPacket.toString('latin1', 0, 10))
  const is_one_line = begins && !rawPacket.subarray(0, max_header_bytes).includes('\n')
  return is_one_line ? new UriTooLongError() : new HeadersTooLargeError()
}

/** Ends the connection, with a reply to whatever was being sent; what still arrives is thrown away for a moment. */
function close(socket: Duplex, error?: AppError): void {
  if (!socket.writable) return
  if (error === undefined) socket.end()
  else socket.end(rawReply(error))
  const timer = setTimeout(() => socket.destroy(), linger_ms).unref()
  socket.once('close', () => clearTimeout(timer))
}

function messageOf(error: AppError) {
  const body = JSON.stringify(envelope(error))
  const fixed = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  return { head: { ...fixed, connection: 'close', ...error.headers }, body }
}

function rawReply(error: AppError): string {
  const { head, body } = messageOf(error)
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines, '', body].join('\r\n')
}
