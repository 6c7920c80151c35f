// The chain of an agency's audit log, recomputed from its rows: what was changed, forged or taken away is named.
import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'

export interface Finding {
  readonly kind: 'changed' | 'missing' | 'broken' | 'unsealed'
  /** The audit row, where there is one or its seal still names it. */
  readonly audit_id: string
  /** Its place in the chain; null when it has none. */
  readonly seq: number | null
  readonly message: string
}

interface Link {
  readonly seq: number
  readonly audit_id: string
  readonly row_hash: Buffer
  readonly chain_hash: Buffer
  /** The row as app.audit_text writes it; null when it is gone. */
  readonly text: string | null
}

/** What has been walked so far; begin with `beginning`. */
export interface Walk {
  readonly seq: number
  readonly chain_hash: Buffer
  readonly findings: readonly Finding[]
}

export const beginning: Walk = { seq: 0, chain_hash: Buffer.alloc(32), findings: [] }

const page_size = 1000

/** The next 1,000 links behind `walk`, checked; undefined at the end of the chain. */
export async function walkOn(tx: Tx, walk: Walk): Promise<Walk | undefined> {
  const links = await tx.query<Link>(sql`
    select s.seq, s.audit_id, s.row_hash, s.chain_hash, case when a.id is not null then app.audit_text(a) end as text
    from audit_seals s left join audit_log a on a.agency_id = s.agency_id and a.id = s.audit_id
    where s.agency_id = ${tx.agency_id} and s.seq > ${walk.seq} order by s.seq limit ${page_size}`)
  return links.length === 0 ? undefined : links.reduce(check, walk)
}

/** After a break the walk goes on from what the seal says, so that one forgery is one finding and not thousands. */
function check(walk: Walk, link: Link): Walk {
  const { seq, chain_hash } = link
  const expected = sha256(Buffer.concat([walk.chain_hash, link.row_hash]))
  const is_next = seq === walk.seq + 1
  const found = [
    ...(is_next ? [] : [finding('missing', link, `the seals ${walk.seq + 1} to ${seq - 1} before it are gone`)]),
    ...(is_next && !expected.equals(chain_hash)
      ? [finding('broken', link, 'its seal does not follow from the one before')]
      : []),
    ...rowFinding(link),
  ]
  return { seq, chain_hash, findings: [...walk.findings, ...found] }
}

function rowFinding(link: Link): Finding[] {
  if (link.text === null) return [finding('missing', link, 'the row is gone; its seal is still there')]
  if (sha256(link.text).equals(link.row_hash)) return []
  return [finding('changed', link, 'the row is not what was sealed')]
}

function finding(kind: Finding['kind'], { audit_id, seq }: Link, message: string): Finding {
  return { kind, audit_id, seq, message }
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}

/** Rows without a seal that are older than a minute: put in around the worker, cut from the chain, or no worker runs. */
export async function unsealed(tx: Tx): Promise<Finding[]> {
  const rows = await tx.query<{ id: string }>(sql`
    select a.id from audit_log a
    where a.agency_id = ${tx.agency_id} and a.created_at < now() - interval '1 minute'
      and not exists (select from audit_seals s where s.agency_id = ${tx.agency_id} and s.audit_id = a.id)
    order by a.created_at, a.id limit 1000`)
  const message = 'the row has no seal after more than a minute: forged, its seal was removed, or no worker runs'
  return rows.map(({ id }) => ({ kind: 'unsealed', audit_id: id, seq: null, message }))
}

/** Whether a hash that somebody noted earlier is still in the chain. */
export async function holdsHead(tx: Tx, chain_hash: Buffer): Promise<boolean> {
  const row = await tx.maybe(sql`
    select s.seq from audit_seals s where s.agency_id = ${tx.agency_id} and s.chain_hash = ${chain_hash} limit 1`)
  return row !== undefined
}
