// The HTTP server of Fastify: its limits, and its replies to requests that Node cannot parse.
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
import { tooManyChunks } from './body-limits.ts'
import { watchConnections } from './connections.ts'
import { envelope } from './error-envelope.ts'
import { responseHeaders } from './response-headers.ts'

const max_header_bytes = 16 * 1024

/** More connections are closed immediately. An open connection needs about 20 kB. */
const max_connections = 10_000

/** How long a refused connection stays open, so that the client can read the reply before the reset. */
const linger_ms = 1000

type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

/**
 * Creates a server that sends parser errors in the error envelope. A request must arrive within 10 s, its headers within 5 s.
 * connections.ts closes connections of clients that do not read the responses.
 */
export function createHttpServer(handler: RequestListener): Server {
  const options = {
    connectionsCheckingInterval: 1000,
    headersTimeout: 5000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: max_header_bytes,
    requestTimeout: 10_000,
    // The reply of Node has no body, so request-guard.ts checks the header instead.
    requireHostHeader: false,
  }
  const last_responses = new WeakMap<Duplex, ServerResponse>()
  const server = createServer(options, (request, response) => {
    if (!registerRequest(response)) return
    last_responses.set(request.socket, response)
    handler(request, response)
  })
  const registerRequest = watchConnections(server)
  server.maxConnections = max_connections
  server.timeout = 30_000
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const { head, body } = messageOf(new ExpectationFailedError())
    response.writeHead(417, head).end(body)
  })
  server.on('connect', (_request, socket) => {
    afterResponse(last_responses.get(socket), () =>
      close(socket, new MethodNotAllowedError({ headers: { allow: '' } })),
    )
  })
  server.on('clientError', createClientErrorHandler(last_responses))
  return server
}

/**
 * Replies to the first parser error of a connection, after the pending responses, and closes the connection. A request whose
 * response has started before the error in its body gets no second response: the client would assign it to the next request.
 */
function createClientErrorHandler(last_responses: WeakMap<Duplex, ServerResponse>) {
  const refused = new WeakSet<Duplex>()
  return (error: ParserError, socket: Socket): void => {
    if (refused.has(socket)) return
    refused.add(socket)
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const refuse = () => close(socket, toAppError(error))
    const last = last_responses.get(socket)
    if (last === undefined || last.req.complete) afterResponse(last, refuse)
    else if (last.headersSent) close(socket)
    else if (last.socket === null) last.once('socket', refuse)
    else refuse()
  }
}

function afterResponse(response: ServerResponse | undefined, then: () => void): void {
  if (response === undefined || response.writableFinished) then()
  else response.once('close', then)
}

function toAppError({ code, rawPacket }: ParserError): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeoutError()
  // json-body.ts pauses the parser of such a body.
  if (code === 'HPE_PAUSED') return tooManyChunks()
  if (code !== 'HPE_HEADER_OVERFLOW') return new BadRequestError()
  const has_method = rawPacket !== undefined && /^[A-Z]+ /.test(rawPacket.toString('latin1', 0, 10))
  const is_one_line = has_method && !rawPacket.subarray(0, max_header_bytes).includes('\n')
  return is_one_line ? new UriTooLongError() : new HeadersTooLargeError()
}

/** Closes the connection, after a reply with the error. Data that still arrives is discarded for a second. */
function close(socket: Duplex, error?: AppError): void {
  if (!socket.writable) return
  if (error === undefined) socket.end()
  else socket.end(rawReply(error))
  const timer = setTimeout(() => socket.destroy(), linger_ms).unref()
  socket.once('close', () => clearTimeout(timer))
}

function messageOf(error: AppError) {
  const body = JSON.stringify(envelope(error))
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  return { head: { ...responseHeaders, ...headers, connection: 'close', ...error.headers }, body }
}

function rawReply(error: AppError): string {
  const { head, body } = messageOf(error)
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines, '', body].join('\r\n')
}
