// Drawings of what guests see: landscapes and rooms.
import { bed, bedsideTable, boat, floorLamp, framed, lighthouse, lowTable, sofa } from './buildings.ts'
import { day, evening, forest, highMountains, morning } from './landscape.ts'
import { bush, cloud, firs, grass, height, hill, ridge, shape, sky, water, width } from './shapes.ts'

const { rect, circle, path, times } = shape

export const mountains = [
  sky(...morning),
  circle(1130, 330, 90, '#fff0c9'),
  ridge({ y: 700, tall: 470, color: '#aab9d0', seed: 2, points: 11, snow: '#ffffff' }),
  ridge({ y: 820, tall: 330, color: '#8aa0b4', seed: 13 }),
  ridge({ y: 930, tall: 230, color: '#6b8a86', seed: 37, points: 8 }),
  hill(960, 70, '#86aa72'),
  hill(1060, 60, '#729a60'),
  firs({ seed: 2, count: 16, y: 1030, color: '#4c7657', tall: [90, 170] }),
]

export const lake = [
  sky(...day),
  cloud(320, 180, 1.2),
  ridge({ y: 690, tall: 380, color: '#9db2c6', seed: 43, snow: '#f7fafc' }),
  ridge({ y: 760, tall: 200, color: '#7b9a96', seed: 47, points: 8 }),
  water(760, '#7fb3c8', '#dff0f4'),
  hill(1090, 50, '#7da468'),
  boat(),
  firs({ seed: 8, count: 7, y: 1120, color: '#4b7a58', tall: [140, 230], to: 420 }),
]

export const sea = [
  sky('#8fc6e8', '#fdf3df'),
  cloud(180, 200, 1.2),
  cloud(1020, 140, 1),
  circle(1300, 260, 70, '#fff2bd'),
  rect(0, 620, width, 260, '#5fa3c4'),
  times(8, (n) =>
    path(`M${(n * 211) % 1400} ${660 + n * 26}q40-16 80 0t80 0`, 'none', 'stroke="#d8eef6" stroke-width="6"'),
  ),
  hill(880, 26, '#eadfb8'),
  hill(1010, 46, '#dccf9e'),
  lighthouse(),
  grass(22, 1120, '#b3ab74'),
]

export const livingRoom = [
  rect(0, 0, width, height, '#f3ece1'),
  rect(0, 860, width, 340, '#c79f74'),
  times(6, (n) => rect(0, 900 + n * 52, width, 4, '#b48a60')),
  framed(
    520,
    150,
    560,
    470,
    '#8a6b4d',
    sky(...day, 'outside') + highMountains + hill(900, 60, '#8fb573') + forest('#4f7d5b'),
  ),
  path('M800 150v470', 'none', 'stroke="#8a6b4d" stroke-width="18"'),
  rect(500, 612, 600, 26, '#8a6b4d'),
  rect(350, 1000, 940, 150, '#e4d3bd', 'rx="75"'),
  sofa(),
  lowTable(),
  floorLamp(),
  rect(1420, 840, 110, 130, '#b8694b', 'rx="10"'),
  bush(1475, 820, 64, '#5f8f5a'),
]

export const bedroom = [
  rect(0, 0, width, height, '#e6ebe8'),
  rect(0, 900, width, 300, '#b98d66'),
  framed(
    590,
    120,
    420,
    300,
    '#8a6244',
    sky(...evening, 'painting') +
      ridge({ y: 800, tall: 470, color: '#6d7aa6', seed: 11, snow: '#e7d9e6' }) +
      hill(980, 60, '#56755e'),
  ),
  bed(),
  bedsideTable(110),
  bedsideTable(1320),
]
