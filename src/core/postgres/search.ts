// Searches in names: without case, accents and order of the words; "Juergen" finds "Jürgen" and the reverse.
import sql, { type Sql } from 'sql-template-tag'

/** More words make a search no more precise. */
const max_words = 8

/**
 * A condition: every word of `q` is part of `text`, an expression of app.search_text. A word with an umlaut is looked for as it is
 * folded ("jurgen") and as it is spelled out ("juergen"). The statement is the same for any number of words.
 */
export function containsWords(text: Sql, q: string): Sql {
  const words = q
    .split(/[\s,;]+/u)
    .filter(Boolean)
    .slice(0, max_words)
  const given = words.length === 0 ? [q] : words
  const spelled_out = sql`coalesce(app.spelled_out(w.word), app.folded(w.word))`
  return sql`((${text}) collate "C" like all (${patternsOf(given, sql`app.folded(w.word)`)})
    or (${text}) collate "C" like all (${patternsOf(given, spelled_out)}))`
}

/**
 * An array of LIKE patterns. Without references to the row, the subquery is computed once for each statement. Wildcards are
 * escaped last: a full-width % is folded to a plain one.
 */
function patternsOf(words: readonly string[], folded: Sql): Sql {
  return sql`(select array_agg('%' || regexp_replace(${folded}, '([\\\\%_])', '\\\\\\1', 'g') || '%')
    from unnest(${words}::text[]) w(word))::text[]`
}
