// The meaning of a request's values: equal for requests that ask for the same, however they are written.

/** The members of a JSON schema that matter for the meaning. */
export interface MeaningSchema {
  readonly format?: string
  readonly uniqueItems?: boolean
  readonly items?: MeaningSchema
  readonly properties?: Readonly<Record<string, MeaningSchema>>
  readonly anyOf?: readonly MeaningSchema[]
  /** The value that a member has when it is left out. */
  readonly 'x-default'?: unknown
}

/** Formats whose values are the same in any case. */
const any_case: readonly (string | undefined)[] = ['uuid', 'email', 'idn-email']

/**
 * A copy with members in the order of their names and with their defaults, ids and e-mail addresses in lower case, and sets in
 * one order. Values that the schema does not describe stay as they are.
 */
export function meaningOf(value: unknown, schema: MeaningSchema = {}): unknown {
  if (typeof value === 'string') return hasAnyCase(schema) ? value.toLowerCase() : value
  if (typeof value !== 'object' || value === null) return value
  const described = schema.anyOf?.find((one) => one.properties ?? one.items) ?? schema
  if (Array.isArray(value)) {
    const items = value.map((item) => meaningOf(item, described.items))
    return described.uniqueItems ? items.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b))) : items
  }
  const members = Object.entries({ ...defaultsOf(described), ...value }).sort(([a], [b]) => compare(a, b))
  return Object.fromEntries(members.map(([name, member]) => [name, meaningOf(member, propertyOf(described, name))]))
}

function hasAnyCase({ format, anyOf }: MeaningSchema): boolean {
  return any_case.includes(format) || (anyOf?.some(hasAnyCase) ?? false)
}

function defaultsOf({ properties = {} }: MeaningSchema): object {
  const entries = Object.entries(properties).filter(([, property]) => Object.hasOwn(property, 'x-default'))
  return Object.fromEntries(entries.map(([name, property]) => [name, property['x-default']]))
}

function propertyOf({ properties }: MeaningSchema, name: string): MeaningSchema | undefined {
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
