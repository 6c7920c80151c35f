// The settings of the agency of the screen, and its current day.
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { type Day, todayIn } from '../locales/days.ts'
import { useQuarterHour } from '../locales/use-quarter-hour.ts'
import { api, bodyOf } from './client.ts'

export const agencyQuery = queryOptions({
  queryKey: ['agency'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/agency', { signal })),
})

/** Today in the time zone of the agency, wherever the browser is. Changes at midnight while a page stays open. */
export function useToday(): Day {
  const { data: agency } = useSuspenseQuery(agencyQuery)
  return todayIn(agency.time_zone, useQuarterHour())
}
