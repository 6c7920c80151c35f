// Guesty's reservations report, whose columns people choose. The channel is a column.
// Source: the names of the report's columns on its pages.
import { stayFormat } from './stay-format.ts'

export const guestyReservations = stayFormat({
  id: 'guesty',
  name: "Guesty's reservations report",
  from: 'app.guesty.com, Reservations, Export',
  source: 'other',
  columns: {
    code: { name: 'Confirmation code', aliases: ['Confirmation', 'Reservation code'], is_required: true },
    channel: {
      name: 'Source',
      aliases: ['Channel', 'Platform', 'Integration platform', 'Booking source'],
      is_required: true,
    },
    listing: {
      name: 'Listing',
      aliases: ['Listing nickname', "Listing's nickname", 'Nickname', 'Listing title', 'Property'],
      is_required: true,
    },
    start: { name: 'Check-in', aliases: ['Check in', 'Check-in date', 'Checkin'], is_required: true },
    end: { name: 'Check-out', aliases: ['Check out', 'Check-out date', 'Checkout'], is_required: true },
    nights: { name: 'Nights', aliases: ['Number of nights', 'Nights count'] },
    guest: { name: 'Guest', aliases: ["Guest's name", 'Guest name', 'Guest full name'] },
    email: { name: 'Guest email', aliases: ["Guest's email", 'Email'] },
    phone: { name: 'Guest phone', aliases: ["Guest's phone", 'Phone'] },
    country: { name: 'Guest country', aliases: ["Guest's country", 'Country'] },
    adults: { name: 'Adults', aliases: ['Number of adults'] },
    children: { name: 'Children', aliases: ['Number of children'] },
    infants: { name: 'Infants', aliases: ['Number of infants'] },
    persons: { name: 'Number of guests', aliases: ['Guests', 'Guests count'] },
    status: { name: 'Status' },
    booked: {
      name: 'Creation date',
      aliases: ['Created at', 'Confirmation date', 'Confirmed at', 'Booked on', 'Booking date'],
    },
    total: {
      name: 'Total paid by guest',
      aliases: ['Guest total', 'Total price', 'Total guest payout', 'Gross total'],
    },
    payout: { name: 'Total payout', aliases: ['Host payout', 'Payout', 'Net income'] },
    fee: { name: 'Channel commission', aliases: ['Host service fee', 'Host channel fee', 'Commission'] },
    cleaning: { name: 'Cleaning fee', aliases: ['Cleaning fare'] },
    tax: { name: 'Total taxes', aliases: ['Taxes', 'Tax'] },
    currency: { name: 'Currency' },
  },
})
