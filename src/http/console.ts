// Serves the console, which `npm run console` builds into web/dist: its page at each of its paths, and its scripts and styles.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RouteNotFoundError } from '../core/request-errors.ts'
import type { Api } from './api.ts'
import { chooseEncoding, type Encoding } from './compression.ts'

const built_console = join(import.meta.dirname, '..', '..', 'web', 'dist')

/** The pages of the console (web/src/routes.tsx); each also with a path below it. */
export const consolePaths = [
  '/sign-in',
  '/today',
  '/calendar',
  '/bookings',
  '/guests',
  '/properties',
  '/reports',
  '/team',
  '/settings',
  '/import',
  '/operations',
] as const

/** Stands in index.html where the nonce of the response belongs. */
const placeholder = '__CSP_NONCE__'

/** Mantine inserts style elements, so they need a nonce. Scripts are files. */
const policyWith = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** A file in memory, with what the build has compressed. */
interface Asset {
  readonly type: string
  readonly etag: string
  /** Its name contains a hash of its content, so it never changes. */
  readonly is_immutable: boolean
  readonly plain: Buffer
  readonly compressed: Readonly<Partial<Record<Encoding, Buffer>>>
}

/** Without a built console / leads to the documentation of the API. The files need no token. Call it after authorize. */
export async function installConsole(app: Api, folder: string = built_console): Promise<void> {
  const index = join(folder, 'index.html')
  const is_built = existsSync(index)
  await app.register(async (console) => {
    const config = { open: true, page: true } as const
    if (!is_built) {
      console.get('/', { config }, async (_request, reply) => reply.redirect('/docs'))
      return
    }
    const page = readFileSync(index, 'utf8')
    const assets = readAssets(join(folder, 'assets'))
    const showPage = async (_request: FastifyRequest, reply: FastifyReply) => sendPage(reply, page)
    for (const path of ['/', ...consolePaths.flatMap((path) => [path, `${path}/*`])]) {
      console.get(path, { config }, showPage)
    }
    console.get<{ Params: { name: string } }>('/assets/:name', { config }, async (request, reply) => {
      const asset = assets.get(request.params.name)
      if (asset === undefined) throw new RouteNotFoundError()
      return sendAsset(request, reply, asset)
    })
  })
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64')
  return reply
    .headers({ 'cache-control': 'no-store', 'content-security-policy': policyWith(nonce) })
    .type('text/html; charset=utf-8')
    .send(page.replace(placeholder, nonce))
}

function readAssets(folder: string): ReadonlyMap<string, Asset> {
  const names = readdirSync(folder).filter((name) => types[extname(name)] !== undefined)
  return new Map(names.map((name) => [name, readAsset(folder, name)]))
}

function readAsset(folder: string, name: string): Asset {
  const plain = readFileSync(join(folder, name))
  const compressed = Object.entries({ br: '.br', gzip: '.gz' }).flatMap(([encoding, suffix]) => {
    const file = join(folder, name + suffix)
    return existsSync(file) ? [[encoding, readFileSync(file)] as const] : []
  })
  return {
    type: types[extname(name)] ?? 'application/octet-stream',
    etag: createHash('sha256').update(plain).digest('base64url').slice(0, 22),
    is_immutable: /-[\w-]{8}\.\w+$/.test(name),
    plain,
    compressed: Object.fromEntries(compressed),
  }
}

function sendAsset({ headers }: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const encoding = chooseEncoding(headers['accept-encoding'])
  const zipped = encoding === undefined ? undefined : asset.compressed[encoding]
  const tag = zipped === undefined ? `"${asset.etag}"` : `"${asset.etag}-${encoding}"`
  const lifetime = asset.is_immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  reply.headers({ etag: tag, 'cache-control': lifetime }).type(asset.type)
  if (headers['if-none-match']?.includes(tag)) return reply.code(304).send()
  if (zipped === undefined) return reply.send(asset.plain)
  return reply.header('content-encoding', encoding).send(zipped)
}
