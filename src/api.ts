// Builds the API: plugins, then the routes of the features, in order.
import { randomUUIDv7 } from 'node:crypto'
import cors from '@fastify/cors'
import fastify, { LogController } from 'fastify'
import type { Logger } from './core/log.ts'
import { features } from './features.ts'
import type { Api, ApiDeps } from './http/api.ts'
import { authorize } from './http/authorize.ts'
import { installBodyLimits, max_body_bytes } from './http/body-limits.ts'
import { installCompression } from './http/compression.ts'
import { installConsole } from './http/console.ts'
import { installDocs } from './http/docs.ts'
import { installErrors, sendError } from './http/error-envelope.ts'
import { installExportSlots } from './http/export-slots.ts'
import { installJsonBody } from './http/json-body.ts'
import { installLazyValidators, lazySerializers } from './http/lazy-compilation.ts'
import { installMedia } from './http/media.ts'
import { installMetrics } from './http/metrics.ts'
import { installOpenapi } from './http/openapi/openapi.ts'
import { installLoadShedding, loopDelayLimit } from './http/overload.ts'
import { installRequestGuard } from './http/request-guard.ts'
import { installRequestLog } from './http/request-log.ts'
import { installResponseHeaders } from './http/response-headers.ts'
import { installResponseMemory } from './http/response-memory.ts'
import { createHttpServer } from './http/server.ts'
import { installTracing } from './http/tracing.ts'
import { installUploads } from './http/upload.ts'
import { installValidation } from './http/validation.ts'

const request_id = /^[\w.-]{1,64}$/

/** Builds the complete API. It does not listen yet. Throws when a route declares no access rule. */
export async function buildApi(deps: ApiDeps, log: Logger): Promise<Api> {
  const app = fastify({
    bodyLimit: max_body_bytes,
    // http/server.ts handles client errors, on every server that Fastify opens.
    clientErrorHandler: () => {},
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    genReqId: (req) => {
      const given = req.headers['x-request-id']
      return typeof given === 'string' && request_id.test(given) ? given : randomUUIDv7()
    },
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    schemaController: lazySerializers,
    serverFactory: createHttpServer,
    trustProxy: deps.config.trust_proxy,
  }) as unknown as Api

  installTracing(app)
  installResponseHeaders(app)
  installErrors(app)
  installValidation(app)
  installLazyValidators(app)
  installBodyLimits(app)
  installJsonBody(app)
  installUploads(app)
  if (deps.config.cors_origins.length > 0) await app.register(cors, corsOptions(deps.config.cors_origins))
  installRequestLog(app)
  installRequestGuard(app)
  installLoadShedding(app, { limit_ms: loopDelayLimit(deps.config), queueStatus: deps.db.queueStatus, log })
  await installOpenapi(app, deps.version)
  app.addHook('onRequest', (request, reply) => deps.limits.address(request, reply))
  await installDocs(app)
  authorize(app, deps)
  installResponseMemory(app, log)
  installCompression(app)
  installExportSlots(app, deps.exports)
  installMetrics(app, deps)
  await installConsole(app)
  installMedia(app, deps)

  await app.register(
    async (v1) => {
      for (const { prefix, routes } of features) if (prefix === undefined) routes?.(v1 as unknown as Api, deps)
    },
    { prefix: '/api/v1' },
  )
  for (const { prefix, routes } of features) if (prefix === '') routes?.(app, deps)
  return app
}

function corsOptions(origins: readonly string[]) {
  return {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'Content-Disposition',
      'ETag',
      'Idempotency-Replayed',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'WWW-Authenticate',
      'X-Request-Id',
    ],
    maxAge: 3600,
  }
}
