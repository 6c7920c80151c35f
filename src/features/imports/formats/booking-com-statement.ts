// Booking.com's statement of reservations and commissions, a CSV file of the page "Finance".
// Source: the header of the exported file, as published by tools that read it.
import { stayFormat } from './stay-format.ts'

export const bookingComStatement = stayFormat({
  id: 'booking-com-statement',
  name: "Booking.com's statement",
  from: 'admin.booking.com, Finance, Reservations statement',
  source: 'booking_com',
  columns: {
    code: { name: 'Reservation number', is_required: true },
    booked: { name: 'Booked on' },
    start: { name: 'Arrival', is_required: true },
    end: { name: 'Departure', is_required: true },
    booker: { name: 'Booker name' },
    guest: { name: 'Guest name' },
    persons: { name: 'Persons' },
    total: { name: 'Final amount', is_required: true },
    fee: { name: 'Commission amount' },
    status: { name: 'Status', is_required: true },
    currency: { name: 'Currency' },
    listing: { name: 'Property name', is_required: true },
  },
})
