// Finds the property of each stay of a file, and with its currency the amounts. Learns titles from bookings that are known.
import { setImmediate as nextTurn } from 'node:timers/promises'
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

/** Stays that are read without a break. */
const slice_size = 200

interface LookupOptions {
  readonly currency: string | undefined
  readonly aliases: readonly AliasOption[]
}

/**
 * One result per stay, in order. A title that names no property, on a stay whose booking is known, is a new title of the
 * property where the channel's booking was. Throws ImportError when an alias names no property.
 */
export async function resolveStays(
  stays: readonly ChannelStay[],
  known: ReadonlyMap<string, Known>,
  directory: PropertyDirectory,
  { currency, aliases }: LookupOptions,
): Promise<(PlannedStay | RowError)[]> {
  learnAliases(directory, aliases)
  const results: (PlannedStay | RowError)[] = []
  for await (const stay of inSlices(stays)) learnTitle(directory, stay, known)
  for await (const stay of inSlices(stays)) {
    const result = directory.find(stay.titles)
    const former = 'property' in result ? result.property : formerProperty(known.get(keyText(stay)), directory)
    if (former !== undefined) results.push(planned(stay, former, currency))
    else results.push(stay.error('problem' in result ? result.problem : '', 'property'))
  }
  return results
}

/** Other requests of the process get their turn after each slice. */
export async function* inSlices<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (let at = 0; at < items.length; at += slice_size) {
    await nextTurn()
    yield* items.slice(at, at + slice_size)
  }
}

function learnAliases(directory: PropertyDirectory, aliases: readonly AliasOption[]): void {
  for (const { title, property } of aliases) {
    const by_id = directory.byId(property)
    const result = by_id === undefined ? directory.find([property]) : { property: by_id }
    if ('problem' in result) throw new ImportError(`--alias "${title}=${property}": ${property} ${result.problem}`)
    directory.learn(title, result.property)
  }
}

function learnTitle(directory: PropertyDirectory, stay: ChannelStay, known: ReadonlyMap<string, Known>): void {
  const former = formerProperty(known.get(keyText(stay)), directory)
  const [title, ...others] = stay.titles
  if (former === undefined || title === undefined || others.length > 0) return
  if ('problem' in directory.find([title])) directory.learn(title, former)
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
