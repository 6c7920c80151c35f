// The measures in the order they run; each stands in a file of its own in measures/.
import type { Measure } from './measure.ts'
import { apiKills } from './measures/api-kills.ts'

export const measures: readonly Measure[] = [apiKills]
