// Optional features per agency: shown to its admins, enabled by the operator.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { type Module, modules } from '../../config.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { featureDescriptions, isInDeployment } from '../../core/features.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Feature } from './schema.ts'

interface Row {
  readonly feature_name: string
  readonly is_enabled: boolean
  readonly config: Record<string, unknown>
  readonly updated_at: string
}

/** Every feature of this version, enabled or not. */
export async function listFeatures(tx: Tx, modules_enabled: readonly string[]): Promise<Feature[]> {
  const rows = await tx.query<Row>(sql`
    select f.feature_name, f.is_enabled, f.config, f.updated_at from agency_features f where f.agency_id = ${tx.agency_id}`)
  return modules.map((name) => {
    const row = rows.find(({ feature_name }) => feature_name === name)
    return {
      name,
      description: featureDescriptions[name],
      is_enabled: row?.is_enabled ?? false,
      is_in_deployment: isInDeployment(modules_enabled, name),
      config: row?.config ?? {},
      changed_at: row?.updated_at ?? null,
    }
  })
}

/** For the operator. Returns whether anything changed; an unchanged feature gets no audit entry. */
export async function setFeature(tx: Tx, feature: Module, is_enabled: boolean): Promise<boolean> {
  const before = await tx.maybe<{ id: string; is_enabled: boolean }>(sql`
    select f.id, f.is_enabled from agency_features f
    where f.agency_id = ${tx.agency_id} and f.feature_name = ${feature}`)
  if ((before?.is_enabled ?? false) === is_enabled) return false
  const { id } = await tx.one<{ id: string }>(sql`
    insert into agency_features as f (agency_id, id, feature_name, is_enabled)
    values (${tx.agency_id}, ${randomUUIDv7()}, ${feature}, ${is_enabled})
    on conflict (agency_id, feature_name) do update set is_enabled = excluded.is_enabled
    returning f.id`)
  recordAudit(tx, {
    action: is_enabled ? 'feature.enabled' : 'feature.disabled',
    entity_type: 'feature',
    entity_id: id,
    before: { feature, is_enabled: !is_enabled },
    after: { feature, is_enabled },
  })
  return true
}
