// Reads the day at the desk, and sets the status of its bookings.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schema } from '../../api/client.ts'

export type Today = Schema['Today']
export type TodayBooking = Schema['TodayBookings']['items'][number]

export const todayQuery = (day: string | undefined) =>
  queryOptions({
    queryKey: ['today', day],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/today', { params: { query: day === undefined ? {} : { day } }, signal })),
    refetchInterval: 5 * 60_000,
  })
