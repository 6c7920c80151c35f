// Buildings and rooms of the drawings.
import { shape } from './shapes.ts'

const { rect, circle, path, times } = shape

function window(x: number, y: number, w: number, h: number, frame: string, glass: string): string {
  const bars = path(`M${x + w / 2} ${y}v${h}M${x} ${y + h / 2}h${w}`, 'none', `stroke="${frame}" stroke-width="7"`)
  return rect(x, y, w, h, glass) + bars + rect(x, y, w, h, 'none', `stroke="${frame}" stroke-width="10"`)
}

const door = (x: number, foot: number, w: number, h: number, color: string) =>
  rect(x, foot - h, w, h, color, 'rx="4"') + circle(x + w - 16, foot - h * 0.46, 6, '#e8d9a8')

interface Gabled {
  readonly x: number
  readonly foot: number
  readonly w: number
  readonly h: number
  readonly roof: number
  readonly wall: string
  readonly roof_color: string
  readonly base?: string
  readonly frame?: string
  readonly glass?: string
  readonly eaves?: number
  readonly balcony?: string
  readonly thickness?: number
}

/** A house that shows its gable. */
export function gabledHouse(house: Gabled): string {
  const { x, foot, w, h, roof, wall, roof_color, base, eaves = 70, balcony, thickness = 38 } = house
  const [top, middle] = [foot - h, x + w / 2]
  const edge = top + eaves * 0.55
  const [left, right] = [x - eaves, x + w + eaves]
  return [
    rect(x + w * 0.72, top - roof * 0.72, 70, roof * 0.7, '#8d6a58'),
    path(`M${x} ${foot}V${top}L${middle} ${top - roof - 4}L${x + w} ${top}V${foot}Z`, wall),
    base === undefined ? '' : rect(x, foot - h * 0.42, w, h * 0.42, base),
    path(
      `M${left} ${edge}L${middle} ${top - roof}L${right} ${edge}V${edge - thickness}L${middle} ${top - roof - thickness}L${left} ${edge - thickness}Z`,
      roof_color,
    ),
    openings(house),
    balcony === undefined ? '' : balconyOf(house, balcony),
  ].join('')
}

function openings({ x, foot, w, h, roof, frame = '#ffffff', glass = '#cfe3f2' }: Gabled): string {
  const [ww, wh] = [w * 0.13, h * 0.26]
  const below = [0.127, 0.367, 0.748].map((part) => window(x + w * part, foot - h * 0.36, ww, wh, frame, glass))
  const above = [0.2, 0.43, 0.66].map((part) => window(x + w * part, foot - h * 0.9, ww, wh, frame, glass))
  const attic = window(x + w / 2 - ww / 2, foot - h - roof * 0.5, ww, wh * 0.8, frame, glass)
  return [...below, ...above, attic, door(x + w * 0.575, foot, w * 0.12, h * 0.37, '#6d4a36')].join('')
}

function balconyOf({ x, foot, w, h }: Gabled, color: string): string {
  const rails = rect(x - 20, foot - h * 0.58, w + 40, 20, color) + rect(x - 20, foot - h * 0.47, w + 40, 16, color)
  const posts = times(17, (n) => rect(x - 14 + (n * (w + 20)) / 16, foot - h * 0.58, 13, h * 0.13, color))
  const flowers = times(9, (n) => circle(x + (n * w) / 8, foot - h * 0.6, 17, n % 2 === 1 ? '#d9534f' : '#e58a8a'))
  return rails + posts + flowers
}

interface Block {
  readonly x: number
  readonly foot: number
  readonly w: number
  readonly h: number
  readonly floors: number
  readonly columns: number
  readonly wall: string
  readonly frame: string
  readonly roof: string
  readonly rail: string
  readonly glass: (floor: number, column: number) => string
}

/** A building of flats. */
export function flats({ x, foot, w, h, floors, columns, wall, frame, roof, rail, glass }: Block): string {
  const [tall, wide] = [h / floors, w / columns]
  const cells = times(floors * columns, (n) => {
    const [floor, column] = [Math.floor(n / columns), n % columns]
    const [left, top] = [x + column * wide + wide * 0.22, foot - h + floor * tall + tall * 0.2]
    if (floor === floors - 1 && column === Math.floor(columns / 2))
      return door(left, foot, wide * 0.5, tall * 0.72, '#4e5d6c')
    const has_balcony = column % 2 === 0 && floor < floors - 1
    const balcony = has_balcony ? rect(left - 14, top + tall * 0.44, wide * 0.56 + 28, tall * 0.2, rail) : ''
    return window(left, top, wide * 0.56, tall * 0.52, frame, glass(floor, column)) + balcony
  })
  return rect(x, foot - h, w, h, wall) + rect(x - 24, foot - h - 26, w + 48, 30, roof) + cells
}

export function modernVilla(): string {
  const [frame, glass, roof] = ['#6b747b', '#bfdcec', '#50585f']
  const upstairs = [560, 730, 900].map((x) => window(x, 460, 140, 110, frame, glass)).join('')
  const front = path('M350 660h420v360H350ZM490 660v360M630 660v360', glass, `stroke="${frame}" stroke-width="10"`)
  const walls = rect(300, 600, 1000, 420, '#f6f3ee') + rect(520, 420, 560, 190, '#ece6dc')
  const roofs = rect(270, 576, 1060, 34, roof) + rect(490, 396, 620, 32, roof)
  const pool = path('M180 1130h1040l60 70H120Z', '#6fc3d6') + path('M180 1130h1040l12 14H172Z', '#e9e2d6')
  return (
    walls +
    roofs +
    upstairs +
    front +
    door(850, 1020, 120, 260, '#7c5b43') +
    window(1020, 690, 220, 150, frame, glass) +
    pool
  )
}

export const pier = () =>
  rect(60, 1010, 420, 18, '#6f553f') + rect(120, 1020, 16, 120, '#5b4533') + rect(400, 1020, 16, 120, '#5b4533')

export const boat = () =>
  path('M980 900h150l-26 44h-98Z', '#fff') +
  path('M1056 700v190h94Z', '#f4f0e6') +
  path('M1046 740v150h-70Z', '#e3ddcf')

export const lighthouse = () =>
  rect(1180, 430, 76, 440, '#f4efe6') +
  rect(1180, 520, 76, 80, '#c8463a') +
  rect(1180, 690, 76, 80, '#c8463a') +
  rect(1170, 400, 96, 34, '#4d5660') +
  path('M1180 400h76l-38-54Z', '#c8463a')

/** A drawing in a frame: a picture on a wall, or what a window shows. */
export const framed = (x: number, y: number, w: number, h: number, frame: string, drawing: string) =>
  `<svg x="${x}" y="${y}" width="${w}" height="${h}" viewBox="0 0 1600 1200" preserveAspectRatio="xMidYMid slice">${drawing}</svg>` +
  rect(x, y, w, h, 'none', `stroke="${frame}" stroke-width="16"`)

export function sofa(): string {
  const arms = rect(90, 760, 90, 210, '#52717a', 'rx="34"') + rect(680, 760, 90, 210, '#52717a', 'rx="34"')
  const cushions = rect(220, 730, 120, 100, '#e2b15b', 'rx="18"') + rect(560, 730, 110, 100, '#f3ece1', 'rx="18"')
  return (
    rect(120, 690, 620, 230, '#5f7f86', 'rx="34"') + arms + rect(180, 820, 500, 120, '#6d8f97', 'rx="22"') + cushions
  )
}

export const lowTable = () =>
  rect(760, 930, 340, 24, '#7b5638', 'rx="10"') +
  rect(790, 950, 20, 120, '#6a4930') +
  rect(1050, 950, 20, 120, '#6a4930')

export const floorLamp = () =>
  rect(1300, 560, 14, 420, '#6a6a66') +
  path('M1220 560h174l-40-130h-94Z', '#f0c878') +
  rect(1240, 972, 134, 14, '#6a6a66', 'rx="7"')

export function bed(): string {
  const pillows = [410, 860].map((x) => rect(x, 660, 330, 130, '#ffffff', 'rx="40"')).join('')
  const legs = [360, 1210].map((x) => rect(x, 1040, 30, 70, '#6d4a36')).join('')
  const sheets = rect(330, 740, 940, 290, '#fbf8f2', 'rx="24"') + rect(330, 860, 940, 190, '#8fa8a0', 'rx="20"')
  return rect(330, 520, 940, 260, '#8a6244', 'rx="20"') + sheets + pillows + rect(330, 860, 940, 40, '#a9bfb8') + legs
}

export const bedsideTable = (x: number) =>
  rect(x, 820, 170, 200, '#9a7050', 'rx="8"') +
  path(`M${x + 40} 760h90l-18-90h-54Z`, '#f3d9a0') +
  rect(x + 78, 760, 14, 60, '#7a7a74')
