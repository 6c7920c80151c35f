// All texts of this language, as one script.
import type { Messages } from '@lingui/core'

const catalogues = import.meta.glob<{ messages: Messages }>(['./en.po', '../features/*/locales/en.po'], { eager: true })

export const messages: Messages = Object.assign({}, ...Object.values(catalogues).map((catalogue) => catalogue.messages))
