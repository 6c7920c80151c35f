// Whether nights can be taken: at once from what is on the screen, then from the server, which knows all rules.

import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { dateOf, useDays } from '../../locales/days.ts'
import { explainSentence } from '../availability/explain.ts'
import { type Bar, obstacle } from './bars.ts'
import { canChangeHome, isAt, type Place } from './moves.ts'
import { useBarTitle } from './names.ts'

export interface Verdict {
  readonly is_possible: boolean
  readonly text: string
}

/**
 * For a bar that would be moved to a place. The server is asked only about nights that the bar does not have itself, because to
 * `explain` these are taken.
 */
export function useVerdict(place: Place | undefined, bar: Bar | undefined, bars: readonly Bar[]): Verdict | undefined {
  const { i18n, t } = useLingui()
  const days = useDays()
  const barTitle = useBarTitle()
  const asked = useDeferredValue(place)
  const end = place === undefined ? 0 : place.first_day + place.nights
  const blocking = place && obstacle(bars, place.first_day, end, bar?.key)
  const keeps_own = bar !== undefined && asked?.home_id === bar.home_id && overlap(asked, bar)
  // An answer about the place before this one says nothing about this one.
  const is_current = asked !== undefined && place !== undefined && isAt(asked, place)
  const is_asked = is_current && bar?.kind === 'booking' && blocking === undefined && !keeps_own
  const { data } = useQuery({
    queryKey: ['availability', 'explain', asked],
    queryFn: async ({ signal }) => {
      const { home_id, first_day, nights } = asked as Place
      const query = { property_id: home_id, check_in: dateOf(first_day), check_out: dateOf(first_day + nights) }
      return bodyOf(api.GET('/api/v1/availability/explain', { params: { query }, signal }))
    },
    enabled: is_asked,
    staleTime: 5000,
  })
  if (place === undefined) return undefined
  if (bar !== undefined && place.home_id !== bar.home_id && !canChangeHome(bar))
    return { is_possible: false, text: t`A block cannot move to another home.` }
  const stay = days.stay(dateOf(place.first_day), dateOf(end))
  if (blocking !== undefined) {
    const what = barTitle(blocking, Date.now())
    const taken = days.stay(dateOf(blocking.first_day), dateOf(blocking.first_day + blocking.nights))
    return { is_possible: false, text: t`Taken: ${what}, ${taken}` }
  }
  const refusal = is_asked && data !== undefined ? explainSentence(i18n, data) : undefined
  return refusal === undefined ? { is_possible: true, text: stay } : { is_possible: false, text: refusal }
}

function overlap(a: Place, b: Place): boolean {
  return a.first_day < b.first_day + b.nights && b.first_day < a.first_day + a.nights
}
