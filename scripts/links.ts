// npm run lint: every link of the documents to a file or a heading of this repository leads somewhere.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface Link {
  readonly line: number
  readonly target: string
}

/** Links and images of a document, outside of code. */
export function linksOf(markdown: string): Link[] {
  let is_code = false
  return markdown.split('\n').flatMap((text, index) => {
    if (/^\s*(```|~~~)/.test(text)) is_code = !is_code
    if (is_code) return []
    const links = text.replaceAll(/(`+)(?:(?!\1).)+\1(?!`)/g, '').matchAll(/\]\(\s*<?([^)>\s]+)>?(?:\s+"[^"]*")?\s*\)/g)
    return [...links].map(([, target = '']) => ({ line: index + 1, target }))
  })
}

/** The anchors of a document: its headings, as GitHub names them, and elements with an id. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set([...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id))
  const counts = new Map<string, number>()
  for (const [, title = ''] of markdown.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const name = slugOf(title)
    const count = counts.get(name) ?? 0
    counts.set(name, count + 1)
    anchors.add(count === 0 ? name : `${name}-${count}`)
  }
  return anchors
}

function slugOf(title: string): string {
  const text = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '')
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

/** What is wrong with the links of one file. `read` returns the text of a file of the repository. */
export function findBrokenLinks(file: string, read = (path: string) => readFileSync(path, 'utf8')): string[] {
  return linksOf(read(file)).flatMap(({ line, target }) => {
    const where = `${file}:${line}`
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
    const [path = '', anchor] = target.split('#')
    const found = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)))
    const is_here = found === file || (!found.startsWith('..') && existsSync(found))
    if (!is_here) return [`${where}: there is no file ${found}`]
    if (anchor === undefined || anchor === '' || !found.endsWith('.md')) return []
    return anchorsOf(read(found)).has(decodeURIComponent(anchor))
      ? []
      : [`${where}: ${found} has no heading #${anchor}`]
  })
}

/** Copied into docs/performance.md, so their links are relative to it. */
const fragments = ['docs/performance/notes.md']

if (import.meta.main) {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    encoding: 'utf8',
  })
  const files = listed.split('\n').filter((file) => existsSync(file) && !fragments.includes(file))
  const broken = files.flatMap((file) => findBrokenLinks(file))
  for (const line of broken) process.stderr.write(`${line}\n`)
  process.stdout.write(`${files.length} documents, ${broken.length} broken links\n`)
  process.exitCode = broken.length > 0 ? 1 : 0
}
