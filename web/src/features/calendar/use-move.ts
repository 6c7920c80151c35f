// Moves a bar: shows it at its new place, asks the server, and takes it back or offers to undo it.
import { useLingui } from '@lingui/react/macro'
import { api, bodyOf, ifMatch } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { dateOf, useDays } from '../../locales/days.ts'
import { offerUndo } from '../../shell/undo.ts'
import { conflictSentence } from '../availability/explain.ts'
import type { Bar } from './bars.ts'
import { canChangeHome, forgetMove, type Place, showMove } from './moves.ts'

/** Writes the place of a booking or a block. Returns its new version. */
async function save({ kind, id = '', home_id }: Bar, place: Place, version: number): Promise<number> {
  const [first, end] = [dateOf(place.first_day), dateOf(place.first_day + place.nights)]
  const params = { path: { id }, header: ifMatch(version) }
  if (kind === 'block') {
    const body = { start_date: first, end_date: end }
    return (await bodyOf(api.PATCH('/api/v1/availability/blocks/{id}', { params, body }))).version
  }
  const body = {
    check_in: first,
    check_out: end,
    ...(place.home_id !== home_id && { property_id: place.home_id }),
  }
  return (await bodyOf(api.PATCH('/api/v1/bookings/{id}', { params, body }))).version
}

/** Returns a function that moves a bar and reports how it went. It does not throw. */
export function useMove(): (bar: Bar, place: Place, home_name: string) => Promise<void> {
  const { i18n, t } = useLingui()
  const days = useDays()
  return async (bar, place, home_name) => {
    if (bar.version === undefined || (place.home_id !== bar.home_id && !canChangeHome(bar))) return
    showMove(bar, place)
    try {
      const version = await save(bar, place, bar.version)
      showMove(bar, place, version)
      const stay = days.stay(dateOf(place.first_day), dateOf(place.first_day + place.nights))
      const moved = { ...bar, ...place, version }
      offerUndo({
        text: t`Moved: ${home_name}, ${stay}`,
        undo: async () => {
          showMove(moved, bar)
          try {
            showMove(moved, bar, await save(moved, bar, version))
          } catch (error) {
            forgetMove(bar.key)
            throw error
          }
        },
      })
    } catch (error) {
      forgetMove(bar.key)
      offerUndo({ text: conflictSentence(i18n, error) ?? errorSentence(i18n, error) })
    }
  }
}
