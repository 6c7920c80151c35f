// Errors of the pages as pages: a link that is over, too many attempts, a database that is down.
import { AppError } from '../../core/app-error.ts'
import type { HtmlPage, PageHandlers, PageRequest } from '../../http/pages.ts'
import { paragraph } from './forms.ts'
import { texts } from './texts.ts'

/** Answers errors of a link with a page. Bugs are thrown, and answered and logged as in the API. */
export function withProblemPages({ show, submit }: PageHandlers): PageHandlers {
  const guard = (answer: PageHandlers['show']) => async (page: PageRequest) => {
    try {
      return await answer(page)
    } catch (error) {
      return problemPage(error, page)
    }
  }
  return { show: guard(show), submit: guard(submit) }
}

function problemPage(error: unknown, { language }: PageRequest): HtmlPage {
  const { status = 500 } = error instanceof AppError ? error : {}
  const { gone, goneText, tooMany, tooManyText, down, downText } = texts[language]
  if (status === 404) return { status, title: gone, body: paragraph(goneText) }
  if (status === 429) return { status, title: tooMany, body: paragraph(tooManyText) }
  if (status === 503) return { status, title: down, body: paragraph(downText) }
  throw error
}
