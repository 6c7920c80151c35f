// Tables and inline code in Markdown.

/** Inline code in a table cell: a fence longer than any run of backticks in it, and escaped pipes. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const inside = text.startsWith('`') || text.endsWith('`') ? ` ${text} ` : text
  return `${fence}${escaped(inside)}${fence}`
}

export function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** The cells are already escaped. Ends with a new line. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [columns, columns.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('')
    .replace(/^\| (---.*) \|$/m, (line) => line.replaceAll(' ', ''))
}
