// The statements that may look across agencies, each with its reason; the report lists them and calls unused ones stale.

/** Applies to the statements of one file whose text (on one line) begins so. */
export interface IsolationException {
  /** Relative to the project's root: src/features/team/team.ts */
  readonly file: string
  readonly startsWith: string
  /** Why this one may, and what keeps agencies apart instead. */
  readonly reason: string
}

/** Empty is the aim: add one only for work that begins before an agency is known. */
export const exceptions: readonly IsolationException[] = []
