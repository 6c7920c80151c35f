// An Ajv keyword that brings texts of a request to the form in which they are stored, or refuses them.
import type { AnySchemaObject, ErrorObject, FuncKeywordDefinition } from 'ajv'
import { isCountry } from '../core/countries.ts'
import { canonicalEmail } from '../core/emails.ts'
import { isCurrency } from '../core/money.ts'
import { canonicalPhone } from '../core/phones.ts'
import { type CleanText, cleanLine } from '../core/text.ts'

/** Names and other texts of one line, e-mail addresses, telephone numbers, and codes of countries and currencies. */
type StoredForm = 'line' | 'email' | 'phone' | 'country' | 'currency'

/** In schemas and in the OpenAPI document. */
export const form_annotation = 'x-stored-form'

const forms: Readonly<Record<StoredForm, (text: string) => CleanText>> = {
  line: cleanLine,
  email: (text) => orProblem(canonicalEmail(text), 'must be an e-mail address'),
  phone: (text) => orProblem(canonicalPhone(text), 'must be a phone number of 7 to 15 digits'),
  // Of codes: other texts are errors of their pattern.
  country: (text) =>
    orProblem(
      isCountry(text) || !/^[A-Z]{2}$/.test(text) ? text : undefined,
      'must be the code of a country (ISO 3166-1 alpha-2)',
    ),
  currency: (text) =>
    orProblem(
      isCurrency(text) || !/^[A-Z]{3}$/.test(text) ? text : undefined,
      'must be the code of a currency (ISO 4217)',
    ),
}

function orProblem(text: string | undefined, problem: string): CleanText {
  return text === undefined ? { problem } : { text }
}

/** In a text of one line, NUL and halves of surrogate pairs are errors of its pattern. */
const unstorable = /[\0\p{Cs}]/u

type FormValidator = ((text: string, context?: Context) => boolean) & { errors?: Partial<ErrorObject>[] }
interface Context {
  readonly parentData: Record<string, unknown> | unknown[]
  readonly parentDataProperty: string | number
}

/** Replaces the text by its stored form, which has to respect `minLength` and `maxLength` as well. */
export const storedFormKeyword: FuncKeywordDefinition = {
  keyword: form_annotation,
  type: 'string',
  schemaType: 'string',
  modifying: true,
  errors: true,
  compile(form: StoredForm, { minLength = 0, maxLength = Number.POSITIVE_INFINITY }: AnySchemaObject) {
    const isValid: FormValidator = (given, context) => {
      const is_reported = form === 'line' && unstorable.test(given)
      const clean = is_reported ? { text: given } : withinLimits(forms[form](given), minLength, maxLength)
      isValid.errors = 'problem' in clean ? [{ keyword: form_annotation, message: clean.problem, params: {} }] : []
      if ('text' in clean && context !== undefined)
        Object.assign(context.parentData, { [context.parentDataProperty]: clean.text })
      return 'text' in clean
    }
    return isValid
  },
}

/** A text can lose blanks, and a few characters become two in NFC. */
function withinLimits(clean: CleanText, min: number, max: number): CleanText {
  if ('problem' in clean) return clean
  const { length } = [...clean.text]
  if (length < min) return { problem: 'must have a visible character' }
  return length > max ? { problem: `must have at most ${max} characters` } : clean
}
