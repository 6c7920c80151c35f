// Parses EXPLAIN output: the scans of a plan, and whether each uses an index led by the agency.

export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Filter?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Shared Hit Blocks'?: number
  readonly 'Shared Read Blocks'?: number
  readonly Plans?: readonly PlanNode[]
}

export interface Scan {
  readonly table: string
  /** The index; undefined for a sequential scan. */
  readonly index: string | undefined
  readonly condition: string
}

/** Every scan of a table, in the order of the plan. A bitmap scan counts once per index. */
export function scansOf(node: PlanNode, above?: string): Scan[] {
  const type = node['Node Type']
  const table = node['Relation Name'] ?? above
  const inner = (node.Plans ?? []).flatMap((plan) => scansOf(plan, type.startsWith('Bitmap') ? table : undefined))
  const index = node['Index Name']
  const is_scan = index !== undefined || type === 'Seq Scan' || type === 'Sample Scan'
  return is_scan && table !== undefined ? [{ table, index, condition: node['Index Cond'] ?? '' }, ...inner] : inner
}

/**
 * Why a scan can read rows of other agencies; undefined when it cannot. `keys`: each table with its agency column, null
 * for tables without an agency, where any index condition is enough.
 */
export function reachOf(
  { table, index, condition }: Scan,
  keys: ReadonlyMap<string, string | null>,
  narrow: Readonly<Record<string, string>>,
): string | undefined {
  const key = keys.get(table)
  if (key === undefined) return undefined
  if (index === undefined) return `sequential scan of ${table}`
  if (condition === '') return `${index} is read from end to end`
  const is_led = key === null || new RegExp(`\\((\\w+\\.)?${key} = `).test(condition)
  return is_led || index in narrow ? undefined : `${index} is not read by ${key}: ${condition}`
}

/** Equal for plans with the same structure. */
export function shapeOf(node: PlanNode): string {
  return `${node['Node Type']} ${node['Index Name'] ?? ''} (${(node.Plans ?? []).map(shapeOf).join(', ')})`
}

/** The plan with one line per node, actual rows and pages; without nodes that only read the claims. */
export function drawn(node: PlanNode, depth = 0): string {
  const index = node['Index Name'] === undefined ? '' : ` using ${node['Index Name']}`
  const relation = node['Relation Name'] === undefined ? '' : ` on ${node['Relation Name']}`
  const condition = node['Index Cond'] === undefined ? '' : ` ${node['Index Cond']}`
  const filter = node.Filter === undefined ? '' : ` filter ${node.Filter}`
  const pages = (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0)
  const counts = ` [${node['Actual Rows'] ?? 0} rows, ${node['Actual Loops'] ?? 0} times, ${pages} pages]`
  const line = `${'  '.repeat(depth)}${node['Node Type']}${index}${relation}${condition}${filter}${counts}`
  const inner = (node.Plans ?? []).filter((plan) => plan['Node Type'] !== 'Result' || plan.Plans !== undefined)
  return [line, ...inner.map((plan) => drawn(plan, depth + 1))].join('\n')
}
