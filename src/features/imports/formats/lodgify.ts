// Lodgify's reservations export.
// Source: the field names of its API and pages; the file writes them with and without blanks.
import { stayFormat } from './stay-format.ts'

export const lodgifyBookings = stayFormat({
  id: 'lodgify',
  name: "Lodgify's reservations export",
  from: 'app.lodgify.com, Reservations, Export',
  source: 'other',
  columns: {
    code: { name: 'Id', aliases: ['Booking Id', 'Reservation Id', 'Reference'], is_required: true },
    channel: { name: 'Source', aliases: ['Source Text', 'Channel'], is_required: true },
    listing: { name: 'Property Name', aliases: ['House Name', 'Property', 'Rental', 'HouseName'], is_required: true },
    unit: { name: 'Room Name', aliases: ['Room Types', 'Room Type', 'RoomTypeNames'] },
    start: { name: 'Date Arrival', aliases: ['Arrival', 'Arrival Date', 'Check-in'], is_required: true },
    end: { name: 'Date Departure', aliases: ['Departure', 'Departure Date', 'Check-out'], is_required: true },
    nights: { name: 'Nights' },
    guest: { name: 'Guest Name', aliases: ['Name', 'Guest'], is_required: true },
    email: { name: 'Email', aliases: ['Guest Email'] },
    phone: { name: 'Phone', aliases: ['Guest Phone', 'Phone Number'] },
    country: { name: 'Country', aliases: ['Guest Country', 'Country Name'] },
    adults: { name: 'Adults' },
    children: { name: 'Children' },
    infants: { name: 'Infants' },
    persons: { name: 'People', aliases: ['Guests', 'Number of guests'] },
    status: { name: 'Status', is_required: true },
    booked: { name: 'Date Created', aliases: ['Created', 'Created At', 'Booked on', 'Created Date'] },
    total: { name: 'Total Amount', aliases: ['Total', 'Total price', 'Amount'] },
    fee: { name: 'Commission', aliases: ['OTA commission', 'Channel commission'] },
    tax: { name: 'Taxes', aliases: ['Tax', 'Total taxes'] },
    currency: { name: 'Currency', aliases: ['Currency Code'] },
  },
})
