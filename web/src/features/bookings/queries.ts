// Reads and changes bookings.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'

export type Booking = Schema['Booking']

export const bookingQuery = (id: string) =>
  queryOptions({
    queryKey: ['bookings', 'one', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/bookings/{id}', { params: { path: { id } }, signal })),
  })

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ['bookings', 'history', id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/bookings/{id}/history', { params: { path: { id }, query: { limit: 100 } }, signal })),
  })

export const duplicatesQuery = (guest_id: string) =>
  queryOptions({
    queryKey: ['guests', 'duplicates', guest_id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/guests/{id}/duplicates', { params: { path: { id: guest_id } }, signal })),
  })

const at = ({ id, version }: Pick<Booking, 'id' | 'version'>) => ({ path: { id }, header: ifMatch(version) })

/** The changes of a booking. Each throws ApiError; 412 when somebody has changed it since `booking` was read. */
export const changes = {
  update: (booking: Pick<Booking, 'id' | 'version'>, body: Schema['BookingPatch']) =>
    bodyOf(api.PATCH('/api/v1/bookings/{id}', { params: at(booking), body })),
  setStatus: (booking: Pick<Booking, 'id' | 'version'>, status: Schema['BookingStatus']) =>
    bodyOf(api.PATCH('/api/v1/bookings/{id}/status', { params: at(booking), body: { status } })),
  cancel: (booking: Pick<Booking, 'id' | 'version'>, body: Schema['NewCancellation']) =>
    bodyOf(api.POST('/api/v1/bookings/{id}/cancellation', { params: at(booking), body })),
  split: (booking: Pick<Booking, 'id' | 'version'>, body: Schema['Split']) =>
    bodyOf(api.POST('/api/v1/bookings/{id}/split', { params: at(booking), body })),
  remove: (booking: Pick<Booking, 'id' | 'version'>) => api.DELETE('/api/v1/bookings/{id}', { params: at(booking) }),
  create: (body: Schema['NewBooking']) => bodyOf(api.POST('/api/v1/bookings', { body })),
}

/** Runs a change and shows its result at once; lists follow with the changes of the agency. */
export function useBookingChange<Input>(change: (input: Input) => Promise<Booking>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (booking) => {
      client.setQueryData(bookingQuery(booking.id).queryKey, booking)
      return client.invalidateQueries({ queryKey: ['bookings'] })
    },
    // Somebody else was faster: show what there is now.
    onError: () => client.invalidateQueries({ queryKey: ['bookings', 'one'] }),
  })
}
