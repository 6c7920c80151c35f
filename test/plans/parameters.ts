// The meaning of each parameter: the column it is compared with or written to, or a function argument.
import { loadModule, type Node, parseSync } from 'libpg-query'
import { nameOf, namesOf, tableName, walk } from '../isolation/tree.ts'

export interface Meaning {
  /** The possible tables of the column: one, or all of the statement when it has no alias. */
  readonly tables: readonly string[]
  readonly column: string
  /** The use of the value: to find a row, to set a column, or in a new row. */
  readonly use: 'compared' | 'set' | 'inserted'
}

export interface ReadStatement {
  /** Only SELECT, INSERT, UPDATE and DELETE have a plan. */
  readonly has_plan: boolean
  /** Whether the statement uses one of our tables or calls one of our functions. */
  readonly touches: boolean
  /** Tables with inserted or updated rows. */
  readonly written: readonly string[]
  /** By the parameter's number. */
  readonly meanings: ReadonlyMap<number, Meaning>
  /** Parameters of LIMIT and OFFSET. */
  readonly counts: ReadonlySet<number>
  /** JSON parameters that hold rows of this table. */
  readonly rows: ReadonlyMap<number, string>
  /** Parameters with only one possible value. */
  readonly words: ReadonlyMap<number, string>
}

await loadModule()

/** The column of an argument, as `function.argument` or for all functions; `=word` is the value itself. */
const hints: Readonly<Record<string, string>> = {
  'create_account.new_email': '=somebody.new@example.invalid',
  'end_all_sessions.reason': '=password',
  'end_own_session.own_session': 'sessions.id',
  'seal_audit.all_until': '=1:1:',
  'add_email_token.address': '=somebody.new@example.invalid',
  'add_member_token.member': 'users.id',
  'add_password_token.address': '=somebody.new@example.invalid',
  'audit_account.in_agency': 'team_members.agency_id',
  'audit_account.what': '=member.profile_changed',
  'confirm_email.given': 'account_tokens.token_hash',
  'open_account_token.given': 'account_tokens.token_hash',
  'open_account_token.wanted_purpose': '=password',
  'queue_mail.address': '=somebody.new@example.invalid',
  'queue_mail.for_language': '=en',
  'queue_mail.new_kind': '=invitation',
  'reset_password.given': 'account_tokens.token_hash',
  'reset_password.new_password_hash': '=null',
  'settle_mail.error': '=null',
  'settle_mail.outcome': '=sent',
  'update_profile.new_language': '=de',
  'accept_invitation.given': 'team_invitations.token_hash',
  'open_invitation.given': 'team_invitations.token_hash',
  'create_account.new_id': '=0190163d-8694-739b-aea5-966c26f8ad91',
  'create_account.new_subject': '=null',
  'require_actor.generation': '=null',
  'require_actor.in_session': '=null',
  'set_password.new_password_hash': '=null',
  'set_subject.new_subject': '=null',
  'audit_session_reuse.in_agency': 'team_members.agency_id',
  'audit_session_reuse.reused_session': 'sessions.id',
  'claim_events.among': 'agencies.id',
  given: 'refresh_tokens.token_hash',
  own_id: 'users.id',
  person: 'users.id',
  subject: 'users.auth_subject',
  wanted_email: 'users.email',
  wanted_slug: 'agencies.slug',
}

/** Facts from the catalog. */
export interface Names {
  readonly tables: ReadonlySet<string>
  /** Each function of the schema app with its arguments in order. */
  readonly functions: ReadonlyMap<string, readonly string[]>
}

/** Throws when the text is not valid SQL. */
export function readStatement(text: string, names: Names): ReadStatement {
  const statements = (parseSync(text).stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]))
  const meanings = new Map<number, Meaning>()
  const counts = new Set<number>()
  const words = new Map<number, string>()
  const rows = new Map<number, string>()
  const written: string[] = []
  const tables = tablesIn(statements)
  let is_call = false
  const mean = (node: unknown, column: string, table?: string, use: Meaning['use'] = 'compared') => {
    for (const number of parametersIn(node)) {
      if (column.startsWith('=')) words.set(number, column.slice(1))
      else if (!meanings.has(number))
        meanings.set(number, { tables: table === undefined ? [...tables.values()] : [table], column, use })
    }
  }
  walk(statements, (branch) => {
    if ('InsertStmt' in branch) written.push(...inserted(branch as Node, mean))
    if ('UpdateStmt' in branch) written.push(...assigned(branch as Node, mean))
    if ('A_Expr' in branch) compared(branch as Node, tables, mean)
    if ('FuncCall' in branch) {
      is_call = called(branch as Node, names, mean) || is_call
      for (const [number, table] of populated(branch as Node)) rows.set(number, table)
    }
    const { limitCount, limitOffset } = branch as { limitCount?: unknown; limitOffset?: unknown }
    for (const number of parametersIn([limitCount, limitOffset])) counts.add(number)
    return true
  })
  const planned = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']
  const touches = is_call || [...tables.values()].some((table) => names.tables.has(table))
  const has_plan = statements.length === 1 && planned.some((kind) => kind in (statements[0] ?? {}))
  return { has_plan, touches, written, meanings, counts, rows, words }
}

type Mean = (node: unknown, column: string, table?: string, use?: Meaning['use']) => void

/** Alias or name -> table, over all levels of the statement. Enough for likely values. */
function tablesIn(statements: readonly Node[]): Map<string, string> {
  const tables = new Map<string, string>()
  const add = (table: { relname?: string; alias?: { aliasname?: string } } | undefined) => {
    if (table?.relname !== undefined) tables.set(table.alias?.aliasname ?? table.relname, tableName(table))
  }
  walk(statements, (branch) => {
    if ('RangeVar' in branch) add((branch as { RangeVar: Parameters<typeof add>[0] }).RangeVar)
    // The target of a change has no wrapper node.
    if ('relation' in branch) add(branch.relation as Parameters<typeof add>[0])
    return true
  })
  return tables
}

function inserted(node: Node, mean: Mean): string[] {
  if (!('InsertStmt' in node)) return []
  const { relation, cols, selectStmt } = node.InsertStmt
  const table = relation === undefined ? '' : tableName(relation)
  const select = selectStmt !== undefined && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined
  const rows: (readonly Node[])[] = (select?.valuesLists ?? []).map((list) =>
    'List' in list ? (list.List.items ?? []) : [],
  )
  const targets = (select?.targetList ?? []).map((target) => ('ResTarget' in target ? target.ResTarget.val : undefined))
  for (const row of [...rows, targets]) {
    for (const [n, column] of (cols ?? []).entries()) {
      if ('ResTarget' in column) mean(row[n], column.ResTarget.name ?? '', table, 'inserted')
    }
  }
  return table === '' ? [] : [table]
}

function assigned(node: Node, mean: Mean): string[] {
  if (!('UpdateStmt' in node)) return []
  const table = node.UpdateStmt.relation === undefined ? '' : tableName(node.UpdateStmt.relation)
  for (const target of node.UpdateStmt.targetList ?? []) {
    if (!('ResTarget' in target)) continue
    const { name = '', val } = target.ResTarget
    // A parameter that only selects between values has no column.
    if (val !== undefined && !('CaseExpr' in val)) mean(val, name, table, 'set')
  }
  return [table]
}

function compared(node: Node, tables: ReadonlyMap<string, string>, mean: Mean): void {
  if (!('A_Expr' in node)) return
  const sides = [node.A_Expr.lexpr, node.A_Expr.rexpr]
  for (const [one, other] of [sides, sides.toReversed()]) {
    const pairs = one !== undefined && other !== undefined ? inPairs(one, other) : []
    for (const [left, right] of pairs) {
      const [alias, column] = columnIn(left)
      if (column !== undefined) mean(right, column, alias === undefined ? undefined : tables.get(alias))
    }
  }
}

/** `(a, b) > ($1, $2)` compares position by position. */
function inPairs(one: Node, other: Node): [Node, Node][] {
  if (!('RowExpr' in one) || !('RowExpr' in other)) return [[one, other]]
  const others = other.RowExpr.args ?? []
  return (one.RowExpr.args ?? []).flatMap((left, n) => {
    const right = others[n]
    return right === undefined ? [] : [[left, right] as [Node, Node]]
  })
}

/** Whether it is one of our functions. */
function called(node: Node, names: Names, mean: Mean): boolean {
  if (!('FuncCall' in node)) return false
  const [schema, name = ''] = namesOf(node.FuncCall.funcname)
  if (schema !== 'app') return false
  for (const [n, argument] of (node.FuncCall.args ?? []).entries()) {
    const given = names.functions.get(name)?.[n] ?? ''
    const hint = hints[`${name}.${given}`] ?? hints[given] ?? ''
    const [table, column] = hint.startsWith('=') ? [undefined, hint] : hint.split('.')
    if (column !== undefined) mean(argument, column, table)
  }
  return true
}

/** `jsonb_populate_recordset(null::bookings, $1)` */
function populated(node: Node): [number, string][] {
  if (!('FuncCall' in node) || !/^jsonb?_populate_record/.test(namesOf(node.FuncCall.funcname).at(-1) ?? '')) return []
  const [base, json] = node.FuncCall.args ?? []
  const table = base !== undefined && 'TypeCast' in base ? namesOf(base.TypeCast.typeName?.names).at(-1) : undefined
  return table === undefined ? [] : parametersIn(json).map((number) => [number, table])
}

/** The first column in an expression, with its alias. */
function columnIn(tree: Node): [alias: string | undefined, column: string | undefined] {
  let found: string[] | undefined
  walk(tree, (branch) => {
    if ('ColumnRef' in branch && found === undefined)
      found = ((branch.ColumnRef as { fields?: Node[] }).fields ?? []).map(nameOf)
    return found === undefined && !('SubLink' in branch)
  })
  return found === undefined ? [undefined, undefined] : [found.at(-2), found.at(-1)]
}

/** The parameters of an expression, without those of its subqueries. */
function parametersIn(tree: unknown): number[] {
  const numbers: number[] = []
  walk(tree, (branch) => {
    const { number } = (branch.ParamRef ?? {}) as { number?: number }
    if (number !== undefined) numbers.push(number)
    return !('SubLink' in branch) && !('SelectStmt' in branch)
  })
  return numbers
}
