// Moves schemas with a title to `components.schemas`, where each is written once.

export interface Schema {
  readonly title?: string
  readonly description?: string
  readonly type?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly [keyword: string]: unknown
}

/** Collects named schemas. Throws when two different schemas have the same title. */
export function createNamedSchemas() {
  const components = new Map<string, Schema>()

  /** The schema with references in place of its named subschemas. Each enum gets a type. */
  function replaceNamed(schema: Schema): Schema {
    const { title, 'x-default': value, ...inner } = withTypes(mapSubschemas(schema, replaceNamed))
    const own_default = value !== undefined && { 'x-default': value }
    if (title === undefined) return { ...inner, ...own_default }
    const known = components.get(title)
    if (known?.examples === undefined) components.set(title, { ...known, ...inner })
    if (known !== undefined && !isSame(known, inner)) throw new Error(`two different schemas have the title ${title}`)
    const has_own = known !== undefined && inner.description !== undefined && inner.description !== known.description
    return { $ref: `#/components/schemas/${title}`, ...(has_own && { description: inner.description }), ...own_default }
  }

  return {
    replaceNamed,
    /** Sorted by name, so that the order of the routes does not matter. */
    all: (): [string, Schema][] => [...components].sort(([a], [b]) => (a < b ? -1 : 1)),
  }
}

function isSame(one: Schema, other: Schema): boolean {
  const text = ({ description: _, examples: __, ...rest }: Schema) => JSON.stringify(rest)
  return text(one) === text(other)
}

/** Applies `map` to the direct subschemas. */
export function mapSubschemas(schema: Schema, map: (subschema: Schema) => Schema): Schema {
  const { additionalProperties: others, anyOf, items, properties } = schema
  const mapAll = (all: Readonly<Record<string, Schema>>) =>
    Object.fromEntries(Object.entries(all).map(([name, one]) => [name, map(one)]))
  return {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map(map) }),
    ...(items && { items: map(items) }),
    ...(properties && { properties: mapAll(properties) }),
    ...(typeof others === 'object' && others !== null && { additionalProperties: map(others as Schema) }),
  }
}

/** Adds the type of an enum, and writes a nullable scalar with one list of types. */
function withTypes(schema: Schema): Schema {
  const { anyOf, enum: values, type } = schema
  if (values !== undefined && type === undefined) return { type: typeof values[0], ...schema }
  const [first, second, ...more] = anyOf ?? []
  if (typeof first?.type !== 'string' || second?.type !== 'null' || more.length > 0) return schema
  if (first.enum !== undefined || first.const !== undefined || first.type === 'object') return schema
  const { anyOf: _, ...rest } = schema
  return { ...first, ...rest, type: [first.type, 'null'] }
}
