// Finds the property of each stay of a file, and with its currency the amounts. Learns titles from bookings that are known.
import { type Known, keyText } from '../channels/known.ts'
import type { ChannelStay } from './channel-stay.ts'
import { ImportError, type RowError } from './import-errors.ts'
import type { DirectoryProperty, PropertyDirectory } from './property-directory.ts'
import type { PlannedStay } from './stay-plan.ts'

/** --alias "title=property": another title of a property. */
export interface AliasOption {
  readonly title: string
  /** Its id, name or external id. */
  readonly property: string
}

/** Reads `title=property`; the title may have "=" in it. Undefined when a part is missing. */
export function parseAlias(text: string): AliasOption | undefined {
  const at = text.lastIndexOf('=')
  const [title, property] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  return at < 1 || title === '' || property === '' ? undefined : { title, property }
}

interface LookupOptions {
  readonly currency: string | undefined
  readonly aliases: readonly AliasOption[]
}

/**
 * One result per stay, in order. A title that names no property, on a stay whose booking is known, is a new title of the
 * property where the channel's booking was. Throws ImportError when an alias names no property.
 */
export function resolveStays(
  stays: readonly ChannelStay[],
  known: ReadonlyMap<string, Known>,
  directory: PropertyDirectory,
  { currency, aliases }: LookupOptions,
): (PlannedStay | RowError)[] {
  for (const { title, property } of aliases) {
    const by_id = directory.byId(property)
    const result = by_id === undefined ? directory.find([property]) : { property: by_id }
    if ('problem' in result) throw new ImportError(`--alias "${title}=${property}": ${property} ${result.problem}`)
    directory.learn(title, result.property)
  }
  for (const stay of stays) {
    const former = formerProperty(known.get(keyText(stay)), directory)
    const [title, ...others] = stay.titles
    if (former === undefined || title === undefined || others.length > 0) continue
    if ('problem' in directory.find([title])) directory.learn(title, former)
  }
  return stays.map((stay) => {
    const result = directory.find(stay.titles)
    if ('property' in result) return planned(stay, result.property, currency)
    const former = formerProperty(known.get(keyText(stay)), directory)
    return former === undefined ? stay.error(result.problem, 'property') : planned(stay, former, currency)
  })
}

/** Where the channel said that the booking is; else where it is. */
function formerProperty(known: Known | undefined, directory: PropertyDirectory): DirectoryProperty | undefined {
  const booking = known?.booking
  if (booking === undefined) return undefined
  return directory.byId(booking.facts?.property_id ?? booking.property_id)
}

function planned(stay: ChannelStay, property: DirectoryProperty, currency: string | undefined): PlannedStay {
  const chosen = stay.currency ?? currency ?? property.currency
  const amounts = stay.readAmounts(chosen)
  return { stay, property, facts: { ...stay.facts, ...amounts, property_id: property.id, currency: chosen } }
}
