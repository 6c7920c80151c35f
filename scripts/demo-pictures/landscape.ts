// The light of the day and the landscapes that several drawings share.
import { firs, ridge } from './shapes.ts'

/** Of the sky: its top and its bottom. */
export const [day, morning, evening, winter] = [
  ['#a9d3ee', '#eaf4f4'],
  ['#bfe0e6', '#fdf0d5'],
  ['#5b6fa8', '#f7c9a0'],
  ['#b9cfe4', '#f2f6fa'],
] as const

export const highMountains = ridge({ y: 760, tall: 430, color: '#9fb3c8', seed: 7, snow: '#f4f8fb' })
export const forest = (color: string) =>
  firs({ seed: 3, count: 9, y: 910, color, tall: [130, 230], to: 420 }) +
  firs({ seed: 9, count: 7, y: 910, color, tall: [130, 230], from: 1230 })
