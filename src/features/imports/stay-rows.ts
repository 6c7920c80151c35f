// Reads all rows of a file of stays. Rows with the same code are one stay, or an error.

import { keyText } from '../channels/known.ts'
import type { Amounts, ChannelStay, Warning } from './channel-stay.ts'
import { createRow } from './csv/columns.ts'
import { digestOf } from './duplicate-rows.ts'
import type { StayFormat } from './formats/stay-format.ts'
import { catchRowError, ImportError, RowError } from './import-errors.ts'
import type { ImportFile } from './import-file.ts'
import type { RowResult } from './importer.ts'
import { type RowOptions, readStayRow } from './stay-row.ts'

/** The whole file is planned at once, which needs about 2 KB of memory for each row. */
const max_rows = 200_000

export interface StayRows {
  readonly stays: readonly ChannelStay[]
  /** Rows that are not saved. */
  readonly results: readonly { readonly line: number; readonly result: RowResult }[]
}

/** Throws ImportError when the file has too many rows. */
export async function readStayRows(
  file: ImportFile<StayFormat>,
  options: RowOptions,
  addWarning: (warning: Warning) => void,
): Promise<StayRows> {
  const stays = new Map<string, { stay: ChannelStay; digests: Set<string> }>()
  const results: { line: number; result: RowResult }[] = []
  let count = 0
  for await (const { line, cells } of file.records()) {
    count += 1
    if (count > max_rows) {
      throw new ImportError(`the file has more than ${max_rows} rows: split it, keeping the header in each part`)
    }
    const read =
      cells instanceof RowError
        ? cells
        : catchRowError(() =>
            readStayRow(createRow(line, cells, file.format, file.match.positions), options, addWarning),
          )
    if ('outcome' in read) {
      results.push({ line, result: read })
      continue
    }
    const digest = digestOf(cells)
    const earlier = stays.get(keyText(read))
    if (earlier === undefined) stays.set(keyText(read), { stay: read, digests: new Set([digest]) })
    else if (earlier.digests.has(digest)) results.push({ line, result: repeated })
    else if (file.format.adds_amounts) {
      stays.set(keyText(read), { stay: combine(earlier.stay, read), digests: earlier.digests.add(digest) })
      results.push({ line, result: added })
    } else results.push({ line, result: contradiction(read, earlier.stay) })
  }
  return { stays: [...stays.values()].map(({ stay }) => stay), results }
}

const repeated: RowResult = { outcome: 'skipped', note: 'the same as an earlier row' }
const added: RowResult = { outcome: 'skipped', note: 'another payment of the same stay: added to it' }

function contradiction(stay: ChannelStay, { line }: ChannelStay): RowError {
  return stay.error(`is already in line ${line}, with other values`, 'code')
}

/** The stay from the first to the last day of both, with the sum of the amounts. */
function combine(one: ChannelStay, other: ChannelStay): ChannelStay {
  const check_in = one.facts.check_in < other.facts.check_in ? one.facts.check_in : other.facts.check_in
  const check_out = one.facts.check_out > other.facts.check_out ? one.facts.check_out : other.facts.check_out
  return {
    ...one,
    facts: { ...one.facts, check_in, check_out },
    readAmounts(currency) {
      const [first, second] = [one.readAmounts(currency), other.readAmounts(currency)]
      const sum = (name: keyof Amounts) => (first[name] === null ? second[name] : first[name] + (second[name] ?? 0))
      return {
        total_cents: sum('total_cents'),
        payout_cents: sum('payout_cents'),
        channel_fee_cents: sum('channel_fee_cents'),
        cleaning_fee_cents: sum('cleaning_fee_cents'),
        tax_cents: sum('tax_cents'),
      }
    },
  }
}
