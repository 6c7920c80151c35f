// The day of today at a home, which decides when a guest can be checked in.
import { useQuery } from '@tanstack/react-query'
import { useCan } from '../../api/me.ts'
import { dateOf, todayIn } from '../../locales/days.ts'
import { propertyQuery } from './queries.ts'

/** `2027-06-14`. In the zone of the browser until the home is read. */
export function useTodayAt(property_id: string): string {
  const can = useCan()
  const { data } = useQuery({ ...propertyQuery(property_id), enabled: can('properties:read') })
  return dateOf(todayIn(data?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone))
}
