// Serves the OpenAPI document and the Swagger UI at /docs.
import { createHash } from 'node:crypto'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './api.ts'
import { chooseEncoding, compressors, type Encoding } from './compression.ts'

/** The serialised document. */
interface SerialisedDocument {
  readonly etag: string
  readonly plain: Buffer
  readonly compressed: Readonly<Record<Encoding, Buffer>>
}

/** The page loads its own files only. Without `upgrade-insecure-requests`, which breaks it on a host without https. */
const page_csp =
  "default-src 'self'; base-uri 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'; style-src 'self'"

/** Registers /openapi.json and /docs. They need no token and no internet access. Call it before authorize. */
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
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: page_csp,
      uiConfig: { persistAuthorization: true },
    })
  })
}

async function serialise(app: Api): Promise<SerialisedDocument> {
  const plain = Buffer.from(JSON.stringify(app.swagger()))
  const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
  const [br, gzip] = await Promise.all([compressors.br(plain), compressors.gzip(plain)])
  return { etag, plain, compressed: { br, gzip } }
}

function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { etag, plain, compressed }: SerialisedDocument,
): FastifyReply {
  const encoding = chooseEncoding(headers['accept-encoding'])
  const tag = encoding === undefined ? `"${etag}"` : `"${etag}-${encoding}"`
  reply.headers({ etag: tag, 'cache-control': 'no-cache' })
  if (headers['if-none-match']?.includes(tag)) return reply.code(304).send()
  if (encoding === undefined) return reply.send(plain)
  return reply.header('content-encoding', encoding).send(compressed[encoding])
}
