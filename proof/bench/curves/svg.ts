// Draws line charts as SVG for light and dark themes.

export interface Plot {
  readonly title: string
  /** The label of the x axis. */
  readonly axis: string
  readonly labels: readonly string[]
  /** One value per label; NaN is a gap. */
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[]
}

const width = 420
const height = 280
const area = { left: 58, right: width - 66, top: 40, bottom: height - 46 }

/** Draws the plots next to each other. */
export function svgOf(plots: readonly Plot[]): string {
  const whole = width * plots.length
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${height}" width="${whole}" height="${height}" role="img">
<title>${escaped(plots.map(({ title }) => title).join('; '))}</title>
<style>
svg { --paper: #ffffff; --ink: #24292f; --grid: #d8dee4; --l0: #0969da; --l1: #bf3989; --l2: #9a6700; background: var(--paper) }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #e6edf3; --grid: #30363d; --l0: #58a6ff; --l1: #f778ba; --l2: #d29922 }
}
text { font: 12px system-ui, sans-serif; fill: var(--ink) }
.title { font-weight: 600 }
.name { paint-order: stroke; stroke: var(--paper); stroke-width: 3px }
.grid { stroke: var(--grid) }
polyline { fill: none; stroke-width: 2 }
${[0, 1, 2].map((n) => `.l${n} { stroke: var(--l${n}) } .f${n} { fill: var(--l${n}) }`).join('\n')}
</style>
<rect width="${whole}" height="${height}" fill="var(--paper)"/>
${plots.map((plot, n) => `<g transform="translate(${n * width} 0)">\n${plotOf(plot)}\n</g>`).join('\n')}
</svg>
`
}

function plotOf({ title, axis, labels, lines }: Plot): string {
  const top = ceilingOf(Math.max(...lines.flatMap(({ values }) => values.filter(Number.isFinite)), 0))
  const x = (n: number) => round(area.left + ((n + 0.5) * (area.right - area.left)) / labels.length)
  const y = (value: number) => round(area.bottom - (value / top) * (area.bottom - area.top))
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top)
  const ends = apart(lines.map(({ values }) => y(values.findLast(Number.isFinite) ?? 0)))
  return [
    text(12, 20, title, 'class="title"'),
    ...ticks.map((value) => {
      const level = y(value)
      const line = `<line class="grid" x1="${area.left}" x2="${area.right}" y1="${level}" y2="${level}"/>`
      return line + text(area.left - 6, level + 4, value.toLocaleString('en'), 'text-anchor="end"')
    }),
    ...labels.map((label, n) => text(x(n), area.bottom + 18, label, 'text-anchor="middle"')),
    text((area.left + area.right) / 2, height - 10, axis, 'text-anchor="middle"'),
    ...lines.flatMap(({ name, values }, n) => {
      const points = values.flatMap((value, label) => (Number.isFinite(value) ? [[x(label), y(value)] as const] : []))
      return [
        `<polyline class="l${n}" points="${points.map((point) => point.join(',')).join(' ')}"/>`,
        ...points.map(([cx, cy]) => `<circle class="f${n}" cx="${cx}" cy="${cy}" r="3"/>`),
        text(
          (points.at(-1)?.[0] ?? area.left) + 8,
          (ends[n] ?? 0) + 4,
          name,
          `class="name" style="fill: var(--l${n})"`,
        ),
      ]
    }),
  ].join('\n')
}

/** The next 1, 2, 4 or 8 times a power of ten, so that a quarter of it is a round number. */
export function ceilingOf(value: number): number {
  if (!(value > 0)) return 1
  const zeros = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 8].find((step) => step * zeros >= value) ?? 10) * zeros
}

/** Moves overlapping labels down. */
function apart(levels: readonly number[]): number[] {
  const order = levels.map((level, n) => ({ level, n })).sort((a, b) => a.level - b.level)
  for (const [n, one] of order.entries()) {
    const above = order[n - 1]
    if (above !== undefined) one.level = Math.max(one.level, above.level + 14)
  }
  return order.sort((a, b) => a.n - b.n).map(({ level }) => level)
}

const round = (value: number) => Math.round(value * 10) / 10
const escaped = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const text = (x: number, y: number, value: string, more: string) =>
  `<text x="${x}" y="${y}" ${more}>${escaped(value)}</text>`
