// Settings that a running service can lack, with the consequence. /ops/env-sanity and roost doctor name them.
import type { Config } from '../config.ts'

export interface RecommendedSetting {
  readonly name: string
  /** What does not work without it. */
  readonly consequence: string
}

interface Recommendation extends RecommendedSetting {
  readonly isMissing: (config: Config) => boolean
}

const recommendations: readonly Recommendation[] = [
  {
    name: 'MIGRATION_DATABASE_URL',
    consequence: 'the login of the API owns the schema, so it can bypass row-level security',
    isMissing: (config) => config.migrate_on_start === 'on' && config.migration_database_url === undefined,
  },
  {
    name: 'DEPLOYED_AT',
    consequence: '/ops/current-commit does not say when this version was deployed',
    isMissing: (config) => config.deployed_at === undefined,
  },
  {
    name: 'PUBLIC_URL',
    consequence: 'links in e-mails lead to HOST and PORT, which other machines may not reach',
    isMissing: (config) => config.public_url === undefined,
  },
  {
    name: 'SMTP_URL',
    consequence: 'no e-mail is sent: invitations and new passwords have to be handed over',
    isMissing: (config) => config.smtp_url === undefined,
  },
]

/** The recommended settings that are not set. None are recommended for the embedded database, which is for evaluation. */
export function findRecommendedSettings(config: Config): RecommendedSetting[] {
  if (config.database_url === undefined) return []
  return recommendations
    .filter(({ isMissing }) => isMissing(config))
    .map(({ name, consequence }) => ({ name, consequence }))
}
