// HTML pages with a form and without script: layout, headers, language of the browser, form bodies.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { escapeHtml } from '../core/html.ts'
import type { Api } from './api.ts'
import { max_small_body_bytes } from './body-limits.ts'

type PageLanguage = 'de' | 'en'

export interface HtmlPage {
  /** 200 by default. */
  readonly status?: number
  readonly title: string
  /** HTML. Texts in it are escaped by its author. */
  readonly body: string
}

/** What a handler gets: the fields of the form, or of the query. Repeated fields are left out. */
export interface PageRequest {
  readonly request: FastifyRequest
  readonly language: PageLanguage
  readonly fields: Readonly<Record<string, string | undefined>>
}

export interface PageHandlers {
  /** Must change nothing: mail scanners open links before people do. */
  readonly show: (page: PageRequest) => Promise<HtmlPage>
  readonly submit: (page: PageRequest) => Promise<HtmlPage>
}

const style = `:root{color-scheme:light dark;--ground:#fbfaf8;--card:#fff;--ink:#1b1a17;--soft:#67645d;--line:#8a877f;--act:#2f5bd7;--on-act:#fff;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ground:#17181b;--card:#202226;--ink:#e9e8e5;--soft:#a09f9b;--line:#7d7f85;--act:#86a6ff;--on-act:#10152a;--bad:#ff9a94}}
*{box-sizing:border-box}body{margin:0;padding:1.25rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:27rem;margin:6vh auto 0;padding:1.5rem;background:var(--card);border-radius:.75rem;overflow-wrap:anywhere}
h1{margin:0 0 .75rem;font-size:1.375rem;line-height:1.25}p{margin:0 0 1rem}.soft{color:var(--soft);font-size:.875rem}
.bad{color:var(--bad);font-weight:600}label{display:block;margin:0 0 1rem}label span{display:block;margin-bottom:.25rem}label input+span{margin:.375rem 0 0}
a{color:var(--act)}form+p{margin:1rem 0 0}details{margin-top:1.25rem;padding-top:1rem;border-top:1px solid var(--line)}summary{cursor:pointer;margin-bottom:.75rem}
input{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.5rem}
button{width:100%;min-height:2.875rem;font:inherit;font-weight:600;color:var(--on-act);background:var(--act);border:0;border-radius:.5rem;cursor:pointer}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}`

const style_hash = createHash('sha256').update(style).digest('base64')
const page_headers = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${style_hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  vary: 'Accept-Encoding, Accept-Language',
}

/** Registers the page at a path outside of /api: GET shows it, POST takes its form. It needs no token and is not in the document. */
export function pageRoute(app: Api, path: string, { show, submit }: PageHandlers): void {
  app.register(async (pages) => {
    pages.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: max_small_body_bytes },
      async (_request: FastifyRequest, body: string) => fieldsOf(new URLSearchParams(body)),
    )
    const config = { open: true, page: true } as const
    const handle =
      (
        answer: PageHandlers['show'],
        fieldsIn: (request: FastifyRequest) => PageRequest['fields'],
      ): RouteHandlerMethod =>
      async (request, reply) => {
        const language = languageOf(request.headers['accept-language'])
        return send(reply, language, await answer({ request, language, fields: fieldsIn(request) }))
      }
    pages.route({ method: 'GET', url: path, config, handler: handle(show, ({ query }) => textsOf(query)) })
    pages.route({ method: 'POST', url: path, config, handler: handle(submit, ({ body }) => textsOf(body)) })
  })
}

function fieldsOf(params: URLSearchParams): Record<string, string> {
  const names = [...new Set(params.keys())].filter((name) => params.getAll(name).length === 1)
  return Object.fromEntries(names.map((name) => [name, params.get(name) ?? '']))
}

/** The members that are texts which the database can store. */
function textsOf(given: unknown): Record<string, string> {
  const entries = Object.entries(given ?? {}).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && entry[1].isWellFormed() && !entry[1].includes('\0'),
  )
  return Object.fromEntries(entries)
}

/** German when the browser prefers it to English. */
function languageOf(header = ''): PageLanguage {
  const wanted = header.split(',').flatMap((part) => {
    const [, language, weight = '1'] = /^\s*(de|en)(?:-[\w-]+)?\s*(?:;\s*q=([\d.]+))?\s*$/i.exec(part) ?? []
    return language === undefined ? [] : [{ language: language.toLowerCase(), weight: Number(weight) }]
  })
  const [first] = wanted.sort((a, b) => b.weight - a.weight)
  return first?.language === 'de' ? 'de' : 'en'
}

function send(reply: FastifyReply, language: PageLanguage, { status = 200, title, body }: HtmlPage): FastifyReply {
  const heading = escapeHtml(title)
  return reply
    .code(status)
    .headers(page_headers)
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${heading} · Roost</title><style>${style}</style></head>
<body><main><h1>${heading}</h1>
${body}
</main></body>
</html>
`)
}
