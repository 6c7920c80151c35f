// Vrbo's (FeWo-direkt's, Abritel's) reservation report.
// Source: header names as published by tools that read it.
import { stayFormat } from './stay-format.ts'

export const vrboReservations = stayFormat({
  id: 'vrbo',
  name: "Vrbo's reservation report",
  from: 'vrbo.com, Reservations, Reservation manager, Export',
  source: 'fewo_direkt',
  columns: {
    code: { name: 'Reservation ID', aliases: ['Reservation number'], is_required: true },
    listing: { name: 'Property Name', aliases: ['Listing name', 'Property'], is_required: true },
    unit: { name: 'Listing Number', aliases: ['Property ID', 'Vrbo ID', 'Listing ID'] },
    start: { name: 'Check-in Date', aliases: ['Check-in', 'Arrival', 'Arrival date'], is_required: true },
    end: { name: 'Check-out Date', aliases: ['Check-out', 'Departure', 'Departure date'], is_required: true },
    nights: { name: 'Nights', aliases: ['Nights Stay', 'Number of nights'] },
    first_name: { name: 'Guest First Name', aliases: ['First name', 'Traveler first name'], is_required: true },
    last_name: { name: 'Guest Last Name', aliases: ['Last name', 'Traveler last name'], is_required: true },
    email: { name: 'Guest Email', aliases: ['Email', 'Inquirer email'] },
    phone: { name: 'Guest Phone', aliases: ['Phone', 'Inquirer phone'] },
    adults: { name: 'Adults', aliases: ['Number of adults'] },
    children: { name: 'Children', aliases: ['Number of children'] },
    persons: { name: 'Guests', aliases: ['Number of guests'] },
    status: { name: 'Status', aliases: ['Reservation status'], is_required: true },
    booked: { name: 'Booked or inquired on', aliases: ['Booked on', 'Created on', 'Booking date'] },
    total: { name: 'Total', aliases: ['Gross booking amount', 'Booking amount', 'Total amount'] },
    payout: { name: 'Payout', aliases: ['Payout amount', 'Net payout'] },
    fee: { name: 'Commission', aliases: ['Vrbo commission'] },
    tax: { name: 'Tax', aliases: ['Taxes', 'Lodging tax'] },
    currency: { name: 'Currency' },
  },
})
