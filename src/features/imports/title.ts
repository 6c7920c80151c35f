// The title of a listing in a form in which its spellings are equal. Cells of files are already one line (csv/cell-text.ts).
import { repairLine } from '../../core/text.ts'

/** Equal for titles that differ only in case, blanks and normal form. */
export function titleKey(text: string): string {
  return repairLine(text).toLowerCase()
}
