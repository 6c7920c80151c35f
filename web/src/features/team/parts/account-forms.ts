// What the forms of the account share.
import type { FormEvent } from 'react'
import { ApiError } from '../../../api/errors.ts'

/** Runs a change when a form is sent; the page stays. */
export const submitting = (run: () => void) => (event: FormEvent) => {
  event.preventDefault()
  run()
}

/** The present password, which such a change asks for. */
export const isWrongPassword = (error: unknown): boolean => error instanceof ApiError && error.code === 'LOGIN_FAILED'
