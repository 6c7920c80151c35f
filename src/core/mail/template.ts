// What a kind of e-mail says in each language, and how it is rendered: subject, text and HTML.
import { escapeHtml } from '../html.ts'
import type { Database } from '../postgres/database.ts'

export const languages = ['de', 'en'] as const
export type Language = (typeof languages)[number]

/** The parameters of a message: names and times, never a secret. */
export type MailParams = Readonly<Record<string, string | null>>

interface MailTexts {
  readonly subject: string
  /** Before the link. */
  readonly paragraphs: readonly string[]
  /** The label of the link; a template with a `path` has one. */
  readonly button?: string
  /** After the link. */
  readonly after?: readonly string[]
}

/** One kind of message. */
export interface MailTemplate {
  /** The page of the link; the secret of the message is its `token`. */
  readonly path?: string
  /** Whether the link can still be used: it may have been replaced or used before the message is sent. */
  readonly isLinkValid?: (db: Database, token: string) => Promise<boolean>
  readonly texts: Readonly<Record<Language, (params: MailParams) => MailTexts>>
}

/** By kind. Features declare them (http/feature.ts). */
export type MailTemplates = Readonly<Record<string, MailTemplate>>

export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The message in one language. The HTML loads nothing and has no script. */
export function renderMail(
  template: MailTemplate,
  language: Language,
  params: MailParams,
  link: string | undefined,
): RenderedMail {
  const { subject, paragraphs, button, after = [] } = template.texts[language](params)
  const text = [...paragraphs, ...(link === undefined ? [] : [link]), ...after].join('\n\n')
  const action = link === undefined ? '' : linkHtml(link, button ?? link)
  const body = [...paragraphs.map(paragraphHtml), action, ...after.map(paragraphHtml)].join('\n')
  return { subject, text: `${text}\n`, html: pageHtml(language, subject, body) }
}

const paragraphHtml = (text: string) => `<p>${escapeHtml(text)}</p>`

/** The address is also shown, for programs that do not show links. */
function linkHtml(link: string, label: string): string {
  const href = escapeHtml(link)
  return `<p><a href="${href}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1f5f4a;color:#ffffff;text-decoration:none">${escapeHtml(label)}</a></p>
<p style="font-size:13px;color:#555555;word-break:break-all">${href}</p>`
}

function pageHtml(language: Language, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:24px;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;background:#ffffff">
<div style="max-width:34rem;margin:0 auto">
${body}
</div>
</body>
</html>
`
}
