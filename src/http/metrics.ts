// Records the duration of requests. Serves /metrics on the port of the API or on one of its own.
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AuthRequiredError } from '../core/errors.ts'
import type { Metrics } from '../core/metrics.ts'
import type { ApiDeps } from './api.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** Compares hashes, so that the duration does not depend on the token. Without a token everybody may read. */
function isAllowed(token: string | undefined, authorization: string | undefined): boolean {
  return token === undefined || timingSafeEqual(sha256(`Bearer ${token}`), sha256(authorization ?? ''))
}

const isEventStream = (reply: FastifyReply) => String(reply.getHeader('content-type')).startsWith('text/event-stream')

/** Adds the route only when there is no port for it. Call it after authorize. */
export function installMetrics(app: FastifyInstance, { metrics, config }: Pick<ApiDeps, 'metrics' | 'config'>): void {
  if (metrics === undefined) return
  const record = ({ is404, method, routeOptions }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply) => {
    // The method of an unknown route is chosen by the client, and each value would be a series.
    const [route, verb] = is404 || routeOptions.url === undefined ? ['none', 'any'] : [routeOptions.url, method]
    metrics.recordRequest(route, verb, statusCode, elapsedTime / 1000)
  }
  // A stream of events is open for hours: its duration is the time until it begins.
  app.addHook('onSend', async (request, reply) => {
    if (isEventStream(reply)) record(request, reply)
  })
  app.addHook('onResponse', async (request, reply) => {
    if (!isEventStream(reply)) record(request, reply)
  })
  if (config.metrics_port !== undefined) return
  app.get('/metrics', { config: { open: true } }, async ({ headers }, reply) => {
    if (!isAllowed(config.metrics_token, headers.authorization)) throw new AuthRequiredError()
    return reply.type(metrics.content_type).send(await metrics.text())
  })
}

export interface MetricsServer {
  readonly port: number
  close(): Promise<void>
}

export interface MetricsServerOptions {
  readonly host: string
  readonly port: number
  readonly token: string | undefined
}

/** Answers GET /metrics only. Rejects when the port is in use. */
export async function serveMetrics(metrics: Metrics, options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    const is_found = request.method === 'GET' && request.url?.split('?')[0] === '/metrics'
    if (!is_found) response.writeHead(404).end()
    else if (!isAllowed(options.token, request.headers.authorization)) response.writeHead(401).end()
    else
      metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': metrics.content_type }).end(text),
        () => response.writeHead(500).end(),
      )
  })
  server.maxConnections = 20
  // A process whose other server could not start ends.
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
