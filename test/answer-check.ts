// Checks answers against the OpenAPI document: status, error code, headers, content type and body.
import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { statuses } from '../src/features/bookings/schema.ts'
import { dereference, errorCodesOf } from './openapi-document.ts'

interface Documented {
  readonly description?: string
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema: object }>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
interface Operation {
  readonly responses: Readonly<Record<string, Documented>>
}

export interface CheckedAnswer {
  readonly method: string
  /** With or without a query. */
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Headers that must be documented where they are sent. */
const optional_headers = ['etag', 'location', 'content-disposition', 'idempotency-replayed', 'set-cookie']

/** Values of a status that are not words. People read messages. */
const raw_status = new RegExp(`\\b(${statuses.filter((status) => status.includes('_')).join('|')})\\b`)

export type AnswerCheck = (answer: CheckedAnswer) => void

/** Returns a function that throws for an answer that the document does not allow. It ignores unknown routes. */
export function createAnswerCheck(document: unknown): AnswerCheck {
  const { paths } = dereference<{ paths: Record<string, Record<string, Operation>> }>(document)
  const operations = Object.entries(paths)
    .map(([path, methods]) => ({ path: patternOf(path), methods, is_exact: !path.includes('{') }))
    .sort((a, b) => Number(b.is_exact) - Number(a.is_exact))
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv, { mode: 'full' })
  const compiled = new WeakMap<object, ValidateFunction>()

  function problemWith(schema: object, value: unknown): string | undefined {
    const isValid = compiled.get(schema) ?? ajv.compile(schema)
    compiled.set(schema, isValid)
    return isValid(value) ? undefined : ajv.errorsText(isValid.errors)
  }

  return (answer) => {
    const [path = ''] = answer.url.replace(/^https?:\/\/[^/?]*/i, '').split('?')
    const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase()
    const operation = operations.find((one) => one.path.test(path))?.methods[method]
    if (operation === undefined) return
    const problems = problemsOf(answer, operation, problemWith)
    assert.deepEqual(problems, [], `${answer.method} ${path} ${answer.status} is not as documented: ${answer.text}`)
  }
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`)
}

type ProblemWith = (schema: object, value: unknown) => string | undefined

function problemsOf(answer: CheckedAnswer, operation: Operation, problemWith: ProblemWith): string[] {
  const { status } = answer
  const documented = operation.responses[status]
  if (documented === undefined) return [`the status is not documented`]
  return [...headerProblems(answer, documented, problemWith), ...bodyProblems(answer, documented, problemWith)].concat(
    status >= 400 ? codeProblems(answer, operation) : [],
  )
}

function headerProblems({ headers }: CheckedAnswer, { headers: all = {} }: Documented, problemWith: ProblemWith) {
  const unknown = optional_headers
    .filter((name) => headers[name] !== undefined)
    .filter((name) => !Object.keys(all).some((one) => one.toLowerCase() === name))
    .map((name) => `the header ${name} is not documented`)
  const wrong = Object.entries(all).flatMap(([name, { required, schema }]) => {
    const value = headers[name.toLowerCase()]
    if (value === undefined) return required ? [`the header ${name} is missing`] : []
    const problem = problemWith(schema, String(value))
    return problem === undefined ? [] : [`${name}: ${problem}`]
  })
  return [...unknown, ...wrong]
}

function bodyProblems(answer: CheckedAnswer, { content = {} }: Documented, problemWith: ProblemWith): string[] {
  const { headers, method, text } = answer
  const types = Object.keys(content)
  if (method === 'HEAD') return []
  if (types.length === 0) return text === '' ? [] : ['a body where none is documented']
  const [type = ''] = String(headers['content-type']).split(';')
  const schema = content[type]?.schema
  if (schema === undefined) return [`the content type ${type} is not documented`]
  return valuesOf(type, text).flatMap((value) => problemWith(schema, value) ?? [])
}

/** The values that the schema of this type describes. */
function valuesOf(type: string, text: string): unknown[] {
  if (type === 'application/json') return [JSON.parse(text)]
  if (type !== 'application/x-ndjson') return [text]
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function codeProblems({ method, text }: CheckedAnswer, operation: Operation): string[] {
  if (method === 'HEAD') return []
  const { error } = JSON.parse(text) as { error: { code: string; message: string } }
  return [
    ...(errorCodesOf(operation).includes(error.code) ? [] : [`the code ${error.code} is not documented`]),
    ...(raw_status.test(error.message) ? ['the message has the value of a status instead of its words'] : []),
  ]
}
