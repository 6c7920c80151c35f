// Builds the HTML of the forms. Every text is escaped here.
import { escapeHtml } from '../../core/html.ts'

interface Field {
  readonly name: string
  readonly label: string
  readonly type: 'email' | 'text' | 'password'
  /** What a password manager fills in. */
  readonly autocomplete: 'name' | 'username' | 'current-password' | 'new-password'
  readonly value?: string
  readonly hint?: string
}

export interface Form {
  readonly token?: string
  readonly intro: readonly string[]
  /** What was wrong with the last attempt. */
  readonly problem?: string | undefined
  /** The address of the account, so that a password manager stores the right one. */
  readonly email?: { readonly label: string; readonly value: string }
  readonly fields: readonly Field[]
  /** Name and value of further fields. */
  readonly hidden?: Readonly<Record<string, string>>
  readonly button: string
}

export const paragraph = (text: string, style?: 'soft' | 'bad') =>
  `<p${style === undefined ? '' : ` class="${style}"`}${style === 'bad' ? ' role="alert"' : ''}>${escapeHtml(text)}</p>`

/** The form posts to its own address without the query, so that the token is in no further URL. */
export function formHtml({ token, intro, problem, email, fields, hidden = {}, button }: Form): string {
  return [
    ...intro.map((text) => paragraph(text)),
    ...(problem === undefined ? [] : [paragraph(problem, 'bad')]),
    '<form method="post" action="?">',
    ...Object.entries({ ...(token !== undefined && { token }), ...hidden }).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
    ),
    ...(email === undefined ? [] : [emailHtml(email)]),
    ...fields.map(fieldHtml),
    `<button>${escapeHtml(button)}</button>`,
    '</form>',
  ].join('\n')
}

function emailHtml({ label, value }: { readonly label: string; readonly value: string }): string {
  return `<label><span>${escapeHtml(label)}</span><input name="email" value="${escapeHtml(value)}" autocomplete="username" readonly></label>`
}

function fieldHtml({ name, label, type, autocomplete, value = '', hint }: Field): string {
  const note = hint === undefined ? '' : `<span class="soft">${escapeHtml(hint)}</span>`
  const attributes = `name="${name}" type="${type}" autocomplete="${autocomplete}" value="${escapeHtml(value)}" required`
  return `<label><span>${escapeHtml(label)}</span><input ${attributes}>${note}</label>`
}

/** A part of the page that opens on demand. */
export function detailsHtml(summary: string, content: string, is_open: boolean): string {
  return `<details${is_open ? ' open' : ''}><summary>${escapeHtml(summary)}</summary>\n${content}\n</details>`
}

/** A link to another page of the service. */
export function linkHtml(href: string, text: string): string {
  return `<p><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></p>`
}

/** What a page ends with: a sentence, and the way to the console. */
export function doneHtml(text: string, sign_in: string): string {
  return `${paragraph(text)}\n${linkHtml('./', sign_in)}`
}
