// One log line per request. It never has bodies, queries or headers.
import type { Api } from './api.ts'

const max_path_length = 300

/** Call it before the hooks that can refuse a request, so that refused requests are logged as well. */
export function installRequestLog(app: Api): void {
  // Redaction costs more than the line itself, and none of these fields can have a secret.
  const log = app.log.child({}, { redact: [] })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { actor, routeOptions, method, url } = request
    const { statusCode: status } = reply
    const who = { agency_id: actor?.agency_id, actor_id: actor?.id }
    // A path that no route has is the only way to tell such requests apart.
    const where = { route: routeOptions.url, ...((status === 404 || status === 405) && { path: pathOf(url) }) }
    log.info(
      { request_id: request.id, ...who, method, ...where, status, ms: Math.round(reply.elapsedTime * 10) / 10 },
      'request',
    )
  })
}

/** The path without the query, which may have names and e-mail addresses. */
function pathOf(url: string): string {
  const [path = ''] = url.split(/[?#]/, 1)
  return path.length > max_path_length ? `${path.slice(0, max_path_length)}…` : path
}
