// Serves the OpenAPI document and the Swagger UI at /docs.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './api.ts'

/** The serialised document. */
interface SerialisedDocument {
  readonly etag: string
  readonly plain: Buffer
  readonly zipped: Buffer
}

/** Registers /openapi.json and /docs, which both need no token and no internet access. Call it before authorize. */
export async function installDocs(app: Api): Promise<void> {
  let document: Promise<SerialisedDocument> | undefined
  const sendAs = (type: string) => async (request: FastifyRequest, reply: FastifyReply) => {
    document ??= serialise(app)
    return send(request, reply.type(type), await document)
  }
  const sendJson = sendAs('application/json; charset=utf-8')
  /** Replaces the handlers of the plugin, which serialise the document for each request. JSON is valid YAML 1.2. */
  const handlers: Readonly<Record<string, typeof sendJson>> = {
    '/docs/json': sendJson,
    '/docs/yaml': sendAs('application/yaml; charset=utf-8'),
  }
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true }
      route.handler = handlers[route.url] ?? route.handler
    })
    docs.get('/openapi.json', sendJson)
    await docs.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { persistAuthorization: true } })
  })
}

async function serialise(app: Api): Promise<SerialisedDocument> {
  const plain = Buffer.from(JSON.stringify(app.swagger()))
  const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
  return { etag, plain, zipped: await promisify(gzip)(plain) }
}

function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { etag, plain, zipped }: SerialisedDocument,
): FastifyReply {
  const is_zipped = acceptsGzip(headers['accept-encoding'])
  const tag = is_zipped ? `"${etag}-gzip"` : `"${etag}"`
  reply.headers({ etag: tag, 'cache-control': 'no-cache', vary: 'accept-encoding' })
  if (headers['if-none-match']?.includes(tag)) return reply.code(304).send()
  if (is_zipped) reply.header('content-encoding', 'gzip')
  return reply.send(is_zipped ? zipped : plain)
}

/** Whether the client accepts gzip with a weight above zero. */
function acceptsGzip(accepted: string | string[] = ''): boolean {
  const weight = /(?:^|[, ])gzip(?: *; *q=([\d.]{1,5}))?/i.exec(String(accepted).slice(0, 500))
  return weight !== null && Number(weight[1] ?? 1) > 0
}
