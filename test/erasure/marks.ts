// Unique texts for every free-text field that the API's document names, and how to find them again.

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

export interface Mark {
  /** What was planted, in lower case: e-mail addresses are kept that way. */
  readonly text: string
  /** `POST /bookings /guest/email` */
  readonly field: string
}

export interface Marks {
  /** `body` with a new mark in every free-text field of the schema, but for those `isKept` names. */
  plant(operation: string, schema: Schema, body: object): Record<string, unknown>
  /** A new mark for a field that no body has: a parameter of the query. */
  text(field: string): string
  readonly all: readonly Mark[]
  /** The marks in a text, whatever their case. */
  foundIn(text: string): Mark[]
}

/** `isKept` tells of fields that take only known values although their schema takes any text. */
export function createMarks(isKept: (field: string) => boolean = () => false): Marks {
  const all: Mark[] = []
  const byText = new Map<string, Mark>()

  function note(field: string, text: string): string {
    const mark = { field, text: text.toLowerCase() }
    all.push(mark)
    byText.set(mark.text, mark)
    return text
  }

  /** All marks have one length within their kind, so that none is a part of another one. */
  function next(field: string, schema: Schema): string | undefined {
    const n = String(all.length).padStart(4, '0')
    const { type, format, pattern, maxLength = 100 } = schema
    const is_closed = schema.enum !== undefined || schema.const !== undefined
    if (type !== 'string' || is_closed || maxLength < 8) return undefined
    if (format === 'email') return note(field, `qz${n}vk@planted.example`)
    if (format !== undefined) return undefined
    const isTaken = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text)
    if (isTaken(`Qz${n}vk`)) return note(field, field.endsWith('/email') ? `qz${n}vk@planted.example` : `Qz${n}vk`)
    return isTaken(`+49770${n}55`) ? note(field, `+49770${n}55`) : undefined
  }

  /** What stands for a field: an object with marks of its own, a mark, or undefined where no text fits. */
  function valueFor(field: string, { anyOf = [], ...schema }: Schema): unknown {
    const own = [schema, ...anyOf].find(({ type }) => type === 'string' || type === 'object')
    if (own === undefined || isKept(field)) return undefined
    return own.type === 'object' ? withMarks(field, own, {}) : next(field, own)
  }

  function withMarks(prefix: string, { properties = {} }: Schema, body: object): Record<string, unknown> {
    const values = Object.entries(properties).map(([name, schema]) => [name, valueFor(`${prefix}/${name}`, schema)])
    return { ...body, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) }
  }

  return {
    plant: (operation, schema, body) => withMarks(`${operation} `, schema, body),
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
