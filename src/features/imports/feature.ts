// What the feature imports declares: it has commands only, and its changes are those of other features.
import type { Feature } from '../../http/feature.ts'

export const imports: Feature = { name: 'imports', tables: ['listing_aliases'] }
