// All texts of this language, as one script.
import type { Messages } from '@lingui/core'

const catalogues = import.meta.glob<{ messages: Messages }>(['./de.po', '../features/*/locales/de.po'], { eager: true })

export const messages: Messages = Object.assign({}, ...Object.values(catalogues).map((catalogue) => catalogue.messages))
