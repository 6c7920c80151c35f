// The catalogues of the console: finds English texts on a German screen.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

const folder = join(import.meta.dirname, '..', '..', 'web', 'src')

interface Message {
  readonly english: string
  readonly german: string
}

/** The messages of a file in gettext's format. */
function readCatalogue(text: string): Message[] {
  const field = (block: string, name: string) => {
    const quoted = new RegExp(`^${name} ((?:".*"\\n?)+)`, 'm').exec(block)?.[1] ?? '""'
    return [...quoted.matchAll(/^"(.*)"$/gm)].map(([, part = '']) => JSON.parse(`"${part}"`)).join('')
  }
  return text
    .split(/\n\n+/)
    .map((block) => ({ english: field(block, 'msgid'), german: field(block, 'msgstr') }))
    .filter(({ english }) => english !== '')
}

const messages = globSync('**/locales/de.po', { cwd: folder }).flatMap((file) =>
  readCatalogue(readFileSync(join(folder, file), 'utf8')),
)

/** `{0, plural, one {# night} other {# nights}}` -> both variants; other messages as they are. */
function variantsOf(message: string): string[] {
  const variants = [...message.matchAll(/(?:one|other|=\d+) \{((?:[^{}]|\{[^{}]*\})*)\}/g)].map(([, text = '']) => text)
  return /^\{\w+, (plural|select),/.test(message) ? variants : [message]
}

/** Matches what the screen shows of a message. A part between tags is a text of its own. */
function patternsOf(message: string): string[] {
  return variantsOf(message)
    .flatMap((text) => text.split(/<\/?\d+\/?>/))
    .map((text) => text.trim())
    .filter((text) => /\p{L}{3}/u.test(text.replaceAll(/\{[^{}]*\}/g, '')))
    .map((text) => text.split(/\{[^{}]*\}|#/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .map((parts) => parts.join('.+'))
}

const matcherOf = (patterns: readonly string[]) => new RegExp(`^(?:${[...new Set(patterns)].join('|')})$`, 's')
const english = matcherOf(
  messages.filter((one) => one.english !== one.german).flatMap((one) => patternsOf(one.english)),
)
const german = matcherOf(messages.flatMap((one) => patternsOf(one.german)))

export const num_messages = messages.length

/** The texts on the screen that are an English message and no German one. */
export async function findEnglish(page: Page): Promise<string[]> {
  const texts = await page.evaluate(collectTexts)
  return [...new Set(texts)].filter((text) => english.test(text) && !german.test(text))
}

/** Runs in the page: every text that is seen or read aloud, also names, hints and placeholders. */
function collectTexts(): string[] {
  const found: string[] = [document.title]
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue
    const texts = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
    found.push(...texts.map(({ textContent }) => textContent ?? ''))
    found.push(...['aria-label', 'placeholder', 'title', 'alt'].map((name) => element.getAttribute(name) ?? ''))
  }
  return found.map((text) => text.trim()).filter((text) => text !== '')
}
