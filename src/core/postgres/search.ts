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
  return likeWords(text, q, sql`'%'`)
}

/** The same, where every word of `q` is the beginning of a word of `text`. */
export function startsWords(text: Sql, q: string): Sql {
  return likeWords(sql`' ' || (${text})`, q, sql`'% '`)
}

/** Where a search finds a text: by words in folded texts, and by a LIKE pattern in references and phone numbers. */
export interface TextMatch {
  readonly words: (text: Sql, q: string) => Sql
  readonly pattern: (text: string) => string
}

export const anywhere: TextMatch = { words: containsWords, pattern: containsPattern }
/** Only at the beginning of words. What it finds, `anywhere` finds as well. */
export const atStart: TextMatch = { words: startsWords, pattern: (text) => containsPattern(text).slice(1) }

function likeWords(text: Sql, q: string, before: Sql): Sql {
  const words = q
    .split(/[\s,;]+/u)
    .filter(Boolean)
    .slice(0, max_words)
  const given = words.length === 0 ? [q] : words
  const spelled_out = sql`coalesce(app.spelled_out(w.word), app.folded(w.word))`
  return sql`((${text}) collate "C" like all (${patternsOf(given, sql`app.folded(w.word)`, before)})
    or (${text}) collate "C" like all (${patternsOf(given, spelled_out, before)}))`
}

/**
 * An array of LIKE patterns. Without references to the row, the subquery is computed once for each statement. Wildcards are
 * escaped last: a full-width % is folded to a plain one.
 */
function patternsOf(words: readonly string[], folded: Sql, before: Sql): Sql {
  return sql`(select array_agg(${before} || regexp_replace(${folded}, '([\\\\%_])', '\\\\\\1', 'g') || '%')
    from unnest(${words}::text[]) w(word))::text[]`
}
