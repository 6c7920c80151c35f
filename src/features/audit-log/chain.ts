// Verifies the hash chain of an agency's audit log: changed, forged and missing rows.
import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'

export interface Finding {
  readonly kind: 'changed' | 'missing' | 'broken' | 'unsealed'
  /** The audit row, if it exists or its seal has the id. */
  readonly audit_id: string
  /** The position in the chain; null for a row without a seal. */
  readonly seq: number | null
  readonly message: string
}

interface Link {
  readonly seq: number
  readonly audit_id: string
  readonly row_hash: Buffer
  readonly chain_hash: Buffer
  /** The row as text, by app.audit_text; null when it is missing. */
  readonly text: string | null
  /** Whether the seal has the same event as the row. */
  readonly is_same_event: boolean
}

/** The verified part of the chain. Starts with `chain_start`. */
export interface ChainState {
  readonly seq: number
  readonly chain_hash: Buffer
  readonly findings: readonly Finding[]
}

export const chain_start: ChainState = { seq: 0, chain_hash: Buffer.alloc(32), findings: [] }

const page_size = 1000

/** Verifies the next 1,000 links; undefined at the end of the chain. */
export async function verifyNextLinks(tx: Tx, state: ChainState): Promise<ChainState | undefined> {
  const links = await tx.query<Link>(sql`
    select s.seq, s.audit_id, s.row_hash, s.chain_hash, case when a.id is not null then app.audit_text(a) end as text,
      (s.type, s.entity_type, s.entity_id, s.version, s.property_id, s.former_property_id) is not distinct from
        (a.action, a.entity_type, a.entity_id, a.version, a.property_id, a.former_property_id) as is_same_event
    from audit_seals s left join audit_log a on a.agency_id = s.agency_id and a.id = s.audit_id
    where s.agency_id = ${tx.agency_id} and s.seq > ${state.seq} order by s.seq limit ${page_size}`)
  return links.length === 0 ? undefined : links.reduce(check, state)
}

/** After a break verification continues with the hash of the seal, so that one forgery is one finding. */
function check(state: ChainState, link: Link): ChainState {
  const { seq, chain_hash } = link
  const expected = sha256(Buffer.concat([state.chain_hash, link.row_hash]))
  const is_next = seq === state.seq + 1
  const found = [
    ...(is_next ? [] : [finding('missing', link, `the seals ${state.seq + 1} to ${seq - 1} before it are missing`)]),
    ...(is_next && !expected.equals(chain_hash)
      ? [finding('broken', link, 'the seal does not match the previous one')]
      : []),
    ...rowFinding(link),
  ]
  return { seq, chain_hash, findings: [...state.findings, ...found] }
}

function rowFinding(link: Link): Finding[] {
  if (link.text === null) return [finding('missing', link, 'the row is missing; its seal exists')]
  if (!sha256(link.text).equals(link.row_hash)) return [finding('changed', link, 'the row differs from its seal')]
  if (link.is_same_event) return []
  return [finding('changed', link, 'the event in the seal is not that of the row')]
}

function finding(kind: Finding['kind'], { audit_id, seq }: Link, message: string): Finding {
  return { kind, audit_id, seq, message }
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}

/**
 * Unsealed rows that the worker has had a minute to seal: inserted without the worker, or cut from the chain. `worker_beat_at` is
 * the last heartbeat of the worker, null when it has never run: what was recorded after it waits for the worker.
 */
export async function listUnsealed(tx: Tx, worker_beat_at: string | null): Promise<Finding[]> {
  const rows = await tx.query<{ id: string }>(sql`
    select a.id from audit_log a
    where a.agency_id = ${tx.agency_id} and a.created_at < ${worker_beat_at}::timestamptz - interval '1 minute'
      and not exists (select from audit_seals s where s.agency_id = ${tx.agency_id} and s.audit_id = a.id)
    order by a.created_at, a.id limit 1000`)
  const message =
    'the row has no seal, and the worker has run for more than a minute since: forged, or its seal was removed'
  return rows.map(({ id }) => ({ kind: 'unsealed', audit_id: id, seq: null, message }))
}

/** The number of rows without a seal, at most 1,000. */
export async function countUnsealed(tx: Tx): Promise<number> {
  const { count } = await tx.one<{ count: number }>(sql`
    select count(*)::integer as count from (
      select from audit_log a
      where a.agency_id = ${tx.agency_id}
        and not exists (select from audit_seals s where s.agency_id = ${tx.agency_id} and s.audit_id = a.id)
      limit 1000) unsealed`)
  return count
}

/** Whether a hash that was recorded earlier is still in the chain. */
export async function containsHash(tx: Tx, chain_hash: Buffer): Promise<boolean> {
  const row = await tx.maybe(sql`
    select s.seq from audit_seals s where s.agency_id = ${tx.agency_id} and s.chain_hash = ${chain_hash} limit 1`)
  return row !== undefined
}
