// Runs a change when a form is sent; the page stays.
import type { FormEvent } from 'react'

export const submitting = (run: () => void) => (event: FormEvent) => {
  event.preventDefault()
  run()
}
