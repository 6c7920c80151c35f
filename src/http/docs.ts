// What anybody may read of the API: its OpenAPI document, made once per process, and a page at /docs to try each call.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './api.ts'

/** The document as it goes out. */
interface Written {
  readonly etag: string
  readonly plain: Buffer
  readonly zipped: Buffer
}

/** /openapi.json, and a page at /docs where each call can be tried; both work offline. Open: call it before authorize. */
export async function installDocs(app: Api): Promise<void> {
  let written: Promise<Written> | undefined
  const sendAs = (type: string) => async (request: FastifyRequest, reply: FastifyReply) => {
    written ??= write(app)
    return send(request, reply.type(type), await written)
  }
  const sendJson = sendAs('application/json; charset=utf-8')
  /** The plugin would write the document anew for each request. Any JSON is YAML 1.2. */
  const own: Readonly<Record<string, typeof sendJson>> = {
    '/docs/json': sendJson,
    '/docs/yaml': sendAs('application/yaml; charset=utf-8'),
  }
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true }
      route.handler = own[route.url] ?? route.handler
    })
    docs.get('/openapi.json', sendJson)
    await docs.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { persistAuthorization: true } })
  })
}

async function write(app: Api): Promise<Written> {
  const plain = Buffer.from(JSON.stringify(app.swagger()))
  const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
  return { etag, plain, zipped: await promisify(gzip)(plain) }
}

function send({ headers }: FastifyRequest, reply: FastifyReply, { etag, plain, zipped }: Written): FastifyReply {
  const is_zipped = takesGzip(headers['accept-encoding'])
  const tag = is_zipped ? `"${etag}-gzip"` : `"${etag}"`
  reply.headers({ etag: tag, 'cache-control': 'no-cache', vary: 'accept-encoding' })
  if (headers['if-none-match']?.includes(tag)) return reply.code(304).send()
  if (is_zipped) reply.header('content-encoding', 'gzip')
  return reply.send(is_zipped ? zipped : plain)
}

/** Whether the client names gzip, and not with a weight of zero. */
function takesGzip(accepted: string | string[] = ''): boolean {
  const weight = /(?:^|[, ])gzip(?: *; *q=([\d.]{1,5}))?/i.exec(String(accepted).slice(0, 500))
  return weight !== null && Number(weight[1] ?? 1) > 0
}
