// Unique texts for every free-text field of /openapi.json, and how to find them in a text.

export interface Schema {
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly maxLength?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly Schema[]
}

export interface PlantedValue {
  /** In lower case, as e-mail addresses are stored. */
  readonly text: string
  /** `POST /bookings /guest/email` */
  readonly field: string
}

export interface PlantedValues {
  /** `body` with a new value in every free-text field of the schema, except the fields of `isKept`. */
  plant(operation: string, schema: Schema, body: object): Record<string, unknown>
  /** A new value for a query parameter. */
  text(field: string): string
  readonly all: readonly PlantedValue[]
  /** The planted values in a text, in any letter case. */
  foundIn(text: string): PlantedValue[]
}

/** `isKept`: fields whose schema takes any text but that accept only known values. */
export function createPlantedValues(isKept: (field: string) => boolean = () => false): PlantedValues {
  const all: PlantedValue[] = []
  const byText = new Map<string, PlantedValue>()

  function note(field: string, text: string): string {
    const value = { field, text: text.toLowerCase() }
    all.push(value)
    byText.set(value.text, value)
    return text
  }

  /** All values of a kind have the same length, so that none is a substring of another. */
  function next(field: string, schema: Schema): string | undefined {
    const n = String(all.length).padStart(4, '0')
    const { type, format, pattern, maxLength = 100 } = schema
    const is_closed = schema.enum !== undefined || schema.const !== undefined
    if (type !== 'string' || is_closed || maxLength < 8) return undefined
    if (format === 'idn-email') return note(field, `qz${n}vk@planted.example`)
    if (format !== undefined) return undefined
    const isTaken = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text)
    if (isTaken(`Qz${n}vk`)) return note(field, field.endsWith('/email') ? `qz${n}vk@planted.example` : `Qz${n}vk`)
    return isTaken(`+49770${n}55`) ? note(field, `+49770${n}55`) : undefined
  }

  /** The value of a field: an object with planted values, a planted text, or undefined when no text is valid. */
  function valueFor(field: string, { anyOf = [], ...schema }: Schema): unknown {
    const own = [schema, ...anyOf].find(({ type }) => type === 'string' || type === 'object')
    if (own === undefined || isKept(field)) return undefined
    return own.type === 'object' ? withValues(field, own, {}) : next(field, own)
  }

  function withValues(prefix: string, { properties = {} }: Schema, body: object): Record<string, unknown> {
    const values = Object.entries(properties).map(([name, schema]) => [name, valueFor(`${prefix}/${name}`, schema)])
    return { ...body, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) }
  }

  return {
    plant: (operation, schema, body) => withValues(`${operation} `, schema, body),
    text: (field) => next(field, { type: 'string' }) ?? '',
    all,
    foundIn(text) {
      const found = text.toLowerCase().matchAll(/qz\d{4}vk(?:@planted\.example)?|\+?49770\d{4}55/g)
      return [...found].flatMap(
        ([one]) => byText.get(one) ?? byText.get(`+${one}`) ?? byText.get(one.slice(0, 8)) ?? [],
      )
    },
  }
}
