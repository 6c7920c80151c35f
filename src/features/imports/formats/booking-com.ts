// Booking.com's reservations export, saved as CSV or XLSX: Extranet, Reservations, Download.
// Source: the header of the exported sheet, as published by several tools that read it.
import { stayFormat } from './stay-format.ts'

export const bookingComReservations = stayFormat({
  id: 'booking-com',
  name: "Booking.com's reservations export",
  from: 'admin.booking.com, Reservations, Download (.xls: save it as CSV or XLSX first)',
  source: 'booking_com',
  columns: {
    code: {
      name: 'Book number',
      aliases: ['Booking number', 'Reservation number', 'Buchungsnummer'],
      is_required: true,
    },
    booker: { name: 'Booked by', aliases: ['Gebucht von'], is_required: true },
    guest: { name: 'Guest name(s)', aliases: ['Guest name', 'Name des Gastes', 'Name der Gäste', 'Gäste'] },
    start: { name: 'Check-in', aliases: ['Anreise', 'Arrival'], is_required: true },
    end: { name: 'Check-out', aliases: ['Abreise', 'Departure'], is_required: true },
    booked: { name: 'Booked on', aliases: ['Gebucht am'] },
    status: { name: 'Status', is_required: true },
    persons: { name: 'Persons', aliases: ['People', 'Personen'] },
    adults: { name: 'Adults', aliases: ['Erwachsene'] },
    children: { name: 'Children', aliases: ['Kinder'] },
    total: { name: 'Price', aliases: ['Preis'], is_required: true },
    fee: { name: 'Commission amount', aliases: ['Commission', 'Kommissionsbetrag'] },
    unit: { name: 'Unit type', aliases: ['Room type', 'Art der Einheit'] },
    listing: { name: 'Property name', aliases: ['Property', 'Name der Unterkunft'] },
    nights: { name: 'Duration (nights)', aliases: ['Dauer (Nächte)'] },
    country: { name: 'Booker country', aliases: ['Land des Buchers', 'Land'] },
    phone: { name: 'Phone number', aliases: ['Telefonnummer'] },
    currency: { name: 'Currency', aliases: ['Währung'] },
  },
})
