// Hostaway's reservations export, whose columns people choose. The channel is a column.
// Source: the fields of the reservation object in Hostaway/api, with and without blanks.
import { stayFormat } from './stay-format.ts'

export const hostawayReservations = stayFormat({
  id: 'hostaway',
  name: "Hostaway's reservations export",
  from: 'dashboard.hostaway.com, Reservations, Export',
  source: 'other',
  columns: {
    code: {
      name: 'Channel reservation ID',
      aliases: ['Reservation ID', 'Confirmation code', 'Hostaway reservation ID', 'Channel confirmation code'],
      is_required: true,
    },
    channel: { name: 'Channel name', aliases: ['Channel'], is_required: true },
    listing: { name: 'Listing name', aliases: ['Listing', 'Internal listing name', 'Property'], is_required: true },
    start: {
      name: 'Arrival date',
      aliases: ['Check-in date', 'Check in date', 'Arrival', 'Check-in'],
      is_required: true,
    },
    end: {
      name: 'Departure date',
      aliases: ['Check-out date', 'Check out date', 'Departure', 'Check-out'],
      is_required: true,
    },
    nights: { name: 'Nights', aliases: ['Number of nights'] },
    guest: { name: 'Guest name', aliases: ['Guest'] },
    first_name: { name: 'Guest first name' },
    last_name: { name: 'Guest last name' },
    email: { name: 'Guest email', aliases: ['Email'] },
    phone: { name: 'Phone', aliases: ['Guest phone'] },
    country: { name: 'Guest country', aliases: ['Country'] },
    adults: { name: 'Adults' },
    children: { name: 'Children' },
    infants: { name: 'Infants' },
    persons: { name: 'Number of guests', aliases: ['Guests'] },
    status: { name: 'Status', aliases: ['Reservation status'], is_required: true },
    booked: { name: 'Reservation date', aliases: ['Booking date', 'Created date', 'Inserted on'] },
    total: { name: 'Total price', aliases: ['Total', 'Total amount'] },
    payout: { name: 'Host payout', aliases: ['Airbnb expected payout amount', 'Payout', 'Owner payout'] },
    fee: { name: 'Channel commission amount', aliases: ['Channel commission', 'Commission', 'Channel fee'] },
    cleaning: { name: 'Cleaning fee' },
    tax: { name: 'Tax amount', aliases: ['Taxes', 'Tax'] },
    currency: { name: 'Currency' },
  },
})
