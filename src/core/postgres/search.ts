// Searches in names: without case, accents and order of the words; "Juergen" finds "Jürgen" and the reverse.
import sql, { type Sql } from 'sql-template-tag'
import { containsPattern } from './sql.ts'

/** More words make a search no more precise. */
const max_words = 8

/**
 * A condition: every word of `q` is part of `text`, an expression of app.search_text. A word with an umlaut is looked for as it is
 * folded ("jurgen") and as it is spelled out ("juergen"). The statement is the same for any number of words.
 */
export function containsWords(text: Sql, q: string): Sql {
  // NFKC first: a full-width % becomes a plain one, which is escaped then.
  const words = q
    .normalize('NFKC')
    .split(/[\s,;]+/u)
    .filter(Boolean)
    .slice(0, max_words)
  const patterns = (words.length === 0 ? [q.normalize('NFKC')] : words).map(containsPattern)
  // Subqueries without references to the row are computed once for each statement.
  return sql`((${text}) collate "C" like all ((
      select array_agg(app.folded(w.pattern)) from unnest(${patterns}::text[]) w(pattern))::text[])
    or (${text}) collate "C" like all ((
      select array_agg(coalesce(app.spelled_out(w.pattern), app.folded(w.pattern)))
      from unnest(${patterns}::text[]) w(pattern))::text[]))`
}
