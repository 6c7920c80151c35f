// What the feature account-pages declares.
import type { Feature } from '../../http/feature.ts'
import { accountPages } from './routes.ts'

export const accountPagesFeature: Feature = {
  name: 'account-pages',
  routes: accountPages,
  prefix: '',
}
