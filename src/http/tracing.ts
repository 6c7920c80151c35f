// A span for each request, except probes. It has the route, never the path, the query or a header.
import type { FastifyInstance } from 'fastify'
import { type OpenSpan, startRequestSpan } from '../core/trace.ts'

declare module 'fastify' {
  interface FastifyRequest {
    span: OpenSpan | undefined
  }
}

const isProbe = (url = '') => /^\/(health|metrics)(\/|$)/.test(url)

/** Call it before all other hooks: what they and the handler do belongs to the span. */
export function installTracing(app: FastifyInstance): void {
  app.decorateRequest('span')
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, method, routeOptions } = request
    if (!isProbe(routeOptions.url)) request.span = startRequestSpan(method, String(headers.traceparent ?? ''))
    if (request.span === undefined) done()
    else request.span.run(done)
  })
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const { id, is404, method, routeOptions, span } = request
    const route = is404 ? 'none' : (routeOptions.url ?? 'none')
    const attributes = { 'http.route': route, 'http.response.status_code': statusCode, 'roost.request_id': id }
    span?.end(attributes, `${method} ${route}`, statusCode >= 500 ? String(statusCode) : undefined)
    done()
  })
}
