// The drawings of the demo homes: houses, rooms and views.
import { flats, gabledHouse, modernVilla, pier } from './buildings.ts'
import { day, evening, forest, highMountains, morning, winter } from './landscape.ts'
import { bush, cloud, firs, grass, height, hill, ridge, shape, sky, water, width } from './shapes.ts'
import { bedroom, lake, livingRoom, mountains, sea } from './views.ts'

const { rect, circle, path } = shape
const lamplight = '#ffd98a'

const chalet = [
  sky(...day),
  circle(1290, 210, 70, '#fff3c4'),
  cloud(210, 220, 1.1),
  highMountains,
  ridge({ y: 860, tall: 300, color: '#7f98a3', seed: 21, points: 7 }),
  hill(900, 60, '#8fb573'),
  forest('#4f7d5b'),
  gabledHouse({
    x: 470,
    foot: 1030,
    w: 660,
    h: 330,
    roof: 210,
    wall: '#9c6b45',
    base: '#f1ece2',
    roof_color: '#6a4a38',
    eaves: 110,
    balcony: '#7a5034',
  }),
  hill(1040, 26, '#7aa65e'),
  bush(400, 1090, 46, '#5f8f50'),
  bush(1240, 1100, 52, '#5f8f50'),
]

const chaletInTheEvening = [
  sky(...evening),
  ridge({ y: 760, tall: 420, color: '#6d7aa6', seed: 11, snow: '#e7d9e6' }),
  ridge({ y: 870, tall: 280, color: '#55618a', seed: 31, points: 7 }),
  hill(900, 60, '#56755e'),
  forest('#39594f'),
  gabledHouse({
    x: 460,
    foot: 1030,
    w: 680,
    h: 330,
    roof: 220,
    wall: '#7d5238',
    base: '#d8cfc4',
    roof_color: '#4a352b',
    eaves: 110,
    balcony: '#5d3d2a',
    glass: lamplight,
    frame: '#f3e7d3',
  }),
  hill(1040, 26, '#4b6a52'),
]

const house = [
  sky(...morning),
  cloud(1080, 190, 1.2),
  ridge({ y: 760, tall: 340, color: '#a8bfc0', seed: 17, points: 8, snow: '#fbfbf6' }),
  hill(840, 70, '#a7c686'),
  hill(920, 40, '#93b873'),
  gabledHouse({
    x: 430,
    foot: 1040,
    w: 740,
    h: 360,
    roof: 230,
    wall: '#f7f1e4',
    roof_color: '#b2563f',
    frame: '#5d7f63',
    eaves: 60,
  }),
  hill(1046, 20, '#86ab66'),
  bush(330, 1080, 60, '#6a9457'),
  bush(1290, 1090, 64, '#6a9457'),
  bush(1180, 1110, 36, '#d98a9b'),
]

const villa = [
  sky(...day),
  cloud(260, 170, 1),
  ridge({ y: 780, tall: 260, color: '#a5bccb', seed: 41, points: 7 }),
  hill(850, 50, '#9dbf86'),
  rect(0, 1020, width, height, '#89b06c'),
  modernVilla(),
  bush(1380, 1050, 64, '#5d8f5a'),
  bush(210, 1050, 50, '#5d8f5a'),
]

const cabin = [
  sky(...winter),
  ridge({ y: 760, tall: 420, color: '#a9bccd', seed: 5, snow: '#ffffff' }),
  hill(880, 60, '#eef3f7'),
  firs({ seed: 6, count: 14, y: 900, color: '#48706a', tall: [150, 260], to: 560 }),
  firs({ seed: 12, count: 14, y: 900, color: '#48706a', tall: [150, 260], from: 1050 }),
  gabledHouse({
    x: 560,
    foot: 1030,
    w: 500,
    h: 250,
    roof: 230,
    wall: '#7b5238',
    roof_color: '#f7fafc',
    eaves: 90,
    glass: lamplight,
    frame: '#e8d8c2',
  }),
  hill(1036, 24, '#ffffff'),
  path('M780 1200C760 1130 850 1100 830 1036h60c20 60-40 110-10 164Z', '#dfe8ef'),
]

const cottage = [
  sky(...evening),
  circle(330, 560, 110, '#ffe1a8'),
  ridge({ y: 760, tall: 240, color: '#7c86ab', seed: 19, points: 8 }),
  water(760, '#8d9cc0', '#f3c9a6'),
  hill(930, 40, '#6d8a6a'),
  gabledHouse({
    x: 620,
    foot: 1050,
    w: 560,
    h: 250,
    roof: 200,
    wall: '#c9b79a',
    base: '#b39d7d',
    roof_color: '#5b4a45',
    glass: lamplight,
    frame: '#f7efe0',
  }),
  hill(1056, 16, '#5d7a5c'),
  firs({ seed: 15, count: 5, y: 1000, color: '#3f5f52', tall: [190, 300], from: 1250 }),
  pier(),
]

const flat = [
  sky(...day),
  cloud(200, 160, 1),
  cloud(1180, 250, 0.9),
  ridge({ y: 780, tall: 300, color: '#a9bdca', seed: 23, points: 8, snow: '#f5f9fb' }),
  hill(880, 40, '#9bbd84'),
  flats({
    x: 430,
    foot: 1060,
    w: 740,
    h: 560,
    floors: 4,
    columns: 5,
    wall: '#f3e9d8',
    frame: '#ffffff',
    rail: '#8a6b4d',
    roof: '#8f5a45',
    glass: (floor, column) => ((floor + column) % 3 === 0 ? '#d9ecf5' : '#bcd9ea'),
  }),
  hill(1064, 12, '#86ab69'),
  bush(330, 1100, 54, '#628f55'),
  bush(1280, 1100, 54, '#628f55'),
]

const flatInTheEvening = [
  sky('#3f4f86', '#e9a98c'),
  ridge({ y: 790, tall: 280, color: '#5c6895', seed: 29, points: 8 }),
  hill(900, 30, '#4f6a5c'),
  flats({
    x: 470,
    foot: 1070,
    w: 660,
    h: 620,
    floors: 5,
    columns: 4,
    wall: '#cfd3da',
    frame: '#eef0f3',
    rail: '#5f6b78',
    roof: '#4c5560',
    glass: (floor, column) => ((floor * 2 + column) % 3 === 0 ? '#7f8fae' : lamplight),
  }),
  hill(1074, 10, '#46604f'),
  bush(360, 1110, 60, '#395244'),
  bush(1250, 1110, 60, '#395244'),
]

const thatched = [
  sky(...day),
  cloud(980, 180, 1.3),
  cloud(250, 270, 0.9),
  rect(0, 760, width, 110, '#9fc4d6'),
  hill(850, 34, '#d9cf9e'),
  hill(920, 30, '#b9bf80'),
  gabledHouse({
    x: 430,
    foot: 1050,
    w: 740,
    h: 290,
    roof: 300,
    wall: '#a9543f',
    roof_color: '#8f7f5f',
    eaves: 90,
    thickness: 64,
  }),
  hill(1056, 16, '#a3ad6b'),
  grass(26, 1150, '#c7b978'),
]

const drawings = {
  chalet,
  'chalet-evening': chaletInTheEvening,
  house,
  villa,
  cabin,
  cottage,
  flat,
  'flat-evening': flatInTheEvening,
  thatched,
  mountains,
  lake,
  sea,
  'living-room': livingRoom,
  bedroom,
}

/** SVG of 2000 x 1500, by name. */
export const scenes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(drawings).map(([name, parts]) => [
    name,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="2000" height="1500">${parts.join('')}</svg>`,
  ]),
)
