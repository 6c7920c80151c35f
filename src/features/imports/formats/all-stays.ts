// The formats of files of stays, in the order in which the documentation lists them, and the one that --map makes.
import { ImportError } from '../import-errors.ts'
import { airbnbReservations } from './airbnb-reservations.ts'
import { airbnbTransactions } from './airbnb-transactions.ts'
import { bookingComReservations } from './booking-com.ts'
import { bookingComStatement } from './booking-com-statement.ts'
import { guestyReservations } from './guesty.ts'
import { hostawayReservations } from './hostaway.ts'
import { lodgifyBookings } from './lodgify.ts'
import { smoobuBookings } from './smoobu.ts'
import { type StayFormat, type StayKey, stayFormat, stayKeys } from './stay-format.ts'
import { vrboReservations } from './vrbo.ts'

export const stayFormats: readonly StayFormat[] = [
  airbnbReservations,
  airbnbTransactions,
  bookingComReservations,
  bookingComStatement,
  vrboReservations,
  smoobuBookings,
  lodgifyBookings,
  guestyReservations,
  hostawayReservations,
]

/** The fields that --map can name. */
export const mappableFields = Object.keys(stayKeys)

const required: readonly StayKey[] = ['code', 'start', 'end', 'listing']

/** The format of a file whose columns a person has named: `code=Booking no,start=From`. Throws ImportError. */
export function mappedFormat(map: string): StayFormat {
  const pairs = splitPairs(map).map((pair) => {
    const at = pair.indexOf('=')
    const [key, name] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
    if (at < 1 || name === '' || !Object.hasOwn(stayKeys, key)) {
      throw new ImportError(
        `--map: write field=column, separated by commas; the fields are ${mappableFields.join(', ')}`,
      )
    }
    return [key as StayKey, { name, is_required: true }] as const
  })
  const missing = required.filter((key) => !pairs.some(([name]) => name === key))
  if (missing.length > 0) throw new ImportError(`--map has no column for ${missing.join(', ')}`)
  return stayFormat({
    id: 'map',
    name: 'the columns of --map',
    from: 'any file',
    source: 'other',
    columns: Object.fromEntries(pairs),
  })
}

/** At commas that are followed by `field=`: a column may have a comma in its name. */
function splitPairs(map: string): string[] {
  return map
    .split(/,(?=\s*[a-z_]+\s*=)/)
    .map((pair) => pair.trim())
    .filter(Boolean)
}
