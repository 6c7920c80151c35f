// Which columns hold words that people write about guests: the audit log keeps that there were words, not which.

/**
 * By name, in every table. The log is sealed and cannot be changed, but a guest can be erased. No digest of the words is
 * kept either: a digest of a name can be found by trying names.
 */
const personalTexts: readonly string[] = ['cancellation_reason', 'guest_message', 'internal_notes', 'notes']

/** The columns with `[text]` in the place of such words; null stays null. */
export function withoutTexts(columns: object): object {
  const entries = Object.entries(columns).map(([name, value]) => {
    return [name, personalTexts.includes(name) && typeof value === 'string' ? '[text]' : value]
  })
  return Object.fromEntries(entries)
}
