// The language of the console: texts, and how dates, numbers and money are written.
import { i18n, type Messages } from '@lingui/core'
import { useLingui } from '@lingui/react'

export type Language = 'de' | 'en'
const language_key = 'roost.language'

const catalogues: Readonly<Record<Language, () => Promise<{ messages: Messages }>>> = {
  de: () => import('./messages-de.ts'),
  en: () => import('./messages-en.ts'),
}

/** The language that was chosen in this browser, or else the first one of the browser that there is. */
export function preferredLanguage(): Language {
  const chosen = readChoice()
  if (chosen === 'de' || chosen === 'en') return chosen
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'de' || tag === 'en')
  return known === 'de' ? 'de' : 'en'
}

function readChoice(): string | null {
  try {
    return localStorage.getItem(language_key)
  } catch {
    return null
  }
}

/** Whether somebody has chosen a language in this browser. */
export function hasChosenLanguage(): boolean {
  const chosen = readChoice()
  return chosen === 'de' || chosen === 'en'
}

/** Loads the texts and shows them. */
export async function showLanguage(language: Language): Promise<void> {
  const { messages } = await catalogues[language]()
  i18n.loadAndActivate({ locale: language, locales: regionOf(language), messages })
  document.documentElement.lang = language
}

/** Shows a language that somebody has chosen, now and at the next visit. */
export async function activateLanguage(language: Language): Promise<void> {
  await showLanguage(language)
  try {
    localStorage.setItem(language_key, language)
  } catch {
    // Storage is blocked: the next visit begins with the language of the browser.
  }
}

/** The browser's own variant of the language (de-AT, de-CH), else that of Germany or Britain: no American dates. */
function regionOf(language: Language): string {
  const own = navigator.languages.find((tag) => tag.startsWith(`${language}-`) && tag !== 'en-US')
  return own ?? (language === 'de' ? 'de-DE' : 'en-GB')
}

/** For Intl: `de-DE`, `de-AT`, `en-GB`, … Renders again when the language changes. */
export function useLocale(): string {
  const { i18n: active } = useLingui()
  return typeof active.locales === 'string' ? active.locales : active.locale
}
