// The shapes of the drawings of the demo homes, as SVG on 1600 x 1200.

export const width = 1600
export const height = 1200

/** The same numbers in every run, 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

const rect = (x: number, y: number, w: number, h: number, fill: string, more = '') =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${fill}" ${more}/>`
const circle = (x: number, y: number, r: number, fill: string) =>
  `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`
const path = (d: string, fill: string, more = '') => `<path d="${d}" fill="${fill}" ${more}/>`
const times = (n: number, draw: (n: number) => string) => Array.from({ length: n }, (_, i) => draw(i)).join('')
const at = (points: readonly (readonly [number, number])[]) =>
  points.map(([x, y]) => `${Math.round(x)} ${Math.round(y)}`).join('L')

export const shape = { rect, circle, path, times }

export const sky = (top: string, bottom: string, id = 'sky') =>
  `<defs><linearGradient id="${id}" x1="0" x2="0" y1="0" y2="1"><stop stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient></defs>` +
  rect(0, 0, width, height, `url(#${id})`)

export function cloud(x: number, y: number, scale: number): string {
  const puffs = circle(0, 0, 46, '#fff') + circle(60, -18, 58, '#fff') + circle(126, 0, 44, '#fff')
  const base = rect(-8, 0, 144, 44, '#fff', 'rx="22"')
  return `<g opacity=".85" transform="translate(${x} ${y}) scale(${scale})">${puffs}${base}</g>`
}

interface Ridge {
  readonly y: number
  readonly tall: number
  readonly color: string
  readonly seed: number
  readonly points?: number
  readonly snow?: string
}

/** A row of mountains, with snow on their tops if it has a colour. */
export function ridge({ y, tall, color, seed, points = 9, snow }: Ridge): string {
  const next = numbers(seed)
  const line = Array.from({ length: points + 1 }, (_, n): [number, number] => [
    (n * width) / points,
    y - (n % 2 === 1 ? tall * (0.55 + 0.45 * next()) : tall * 0.18 * next()),
  ])
  const tops =
    snow === undefined
      ? ''
      : line.map((top, n) => (n % 2 === 1 ? snowOn(top, line[n - 1], line[n + 1], snow) : '')).join('')
  return path(`M0 ${height}L${at(line)}L${width} ${height}Z`, color) + tops
}

type Point = readonly [number, number]

function snowOn(top: Point, left: Point = top, right: Point = top, color: string): string {
  const toward = ([x, y]: Point): Point => [top[0] + (x - top[0]) * 0.32, top[1] + (y - top[1]) * 0.32]
  const [a, b] = [toward(left), toward(right)]
  const edge: Point[] = [
    [top[0] - 24, a[1] - 14],
    [top[0], a[1] + 16],
    [top[0] + 26, b[1] - 18],
  ]
  return path(`M${at([top, a, ...edge, b])}Z`, color)
}

export const hill = (y: number, curve: number, color: string) =>
  path(
    `M0 ${y}C400 ${y - curve} 720 ${y + curve * 0.6} 960 ${y}S1440 ${y - curve} ${width} ${y - curve * 0.3}V${height}H0Z`,
    color,
  )

export function water(y: number, color: string, light: string): string {
  const waves = times(9, (n) =>
    rect((n * 373) % 1300, y + 22 + n * n * 5, 180 + ((n * 97) % 260), 7, light, 'rx="3" opacity=".55"'),
  )
  return rect(0, y, width, height - y, color) + waves
}

function fir(x: number, y: number, h: number, color: string): string {
  const part = (top: number, w: number, tall: number) =>
    path(`M${x} ${y - h * top}l${h * w} ${h * tall}h${-h * w * 2}Z`, color)
  return (
    part(1, 0.15, 0.38) +
    part(0.78, 0.2, 0.42) +
    part(0.52, 0.25, 0.46) +
    rect(x - h * 0.03, y - h * 0.07, h * 0.06, h * 0.08, '#5b4636')
  )
}

interface Firs {
  readonly seed: number
  readonly count: number
  readonly y: number
  readonly color: string
  readonly tall?: readonly [number, number]
  readonly from?: number
  readonly to?: number
}

export function firs({ seed, count, y, color, tall = [120, 210], from = 0, to = width }: Firs): string {
  const next = numbers(seed)
  return times(count, () => {
    const x = from + next() * (to - from)
    return fir(x, y + next() * 40, tall[0] + next() * (tall[1] - tall[0]), color)
  })
}

export const bush = (x: number, y: number, r: number, color: string) =>
  circle(x, y - r * 0.6, r, color) +
  circle(x + r, y - r * 0.4, r * 0.75, color) +
  circle(x - r, y - r * 0.35, r * 0.7, color)

export const grass = (count: number, y: number, color: string) =>
  times(count, (n) => {
    const x = 40 + (n * width) / count
    const foot = y + ((n * 53) % 60)
    return path(`M${x} ${foot}q8-80 2-120M${x + 8} ${foot}q-8-60-26-92`, 'none', `stroke="${color}" stroke-width="7"`)
  })
