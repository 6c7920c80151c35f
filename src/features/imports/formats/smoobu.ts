// Smoobu's list of bookings, exported in English or German.
// Source: field names as in giuliano1998/Software-Grank, docs/airtable-schema.md; the German ones are the labels of its pages.
import { stayFormat } from './stay-format.ts'

export const smoobuBookings = stayFormat({
  id: 'smoobu',
  name: "Smoobu's bookings export",
  from: 'login.smoobu.com, Bookings, Export',
  source: 'other',
  columns: {
    code: {
      name: 'Booking number',
      aliases: ['Booking ID', 'Reservation number', 'Reference', 'Buchungsnummer', 'Referenznummer', 'ID', 'Id'],
      is_required: true,
    },
    channel: { name: 'Channel', aliases: ['Portal', 'Kanal', 'Booking portal', 'Buchungsportal'], is_required: true },
    listing: { name: 'Apartment', aliases: ['Accommodation', 'Unterkunft', 'Apartment name'], is_required: true },
    start: { name: 'Arrival', aliases: ['Arrival date', 'Anreise', 'Ankunft'], is_required: true },
    end: { name: 'Departure', aliases: ['Departure date', 'Abreise'], is_required: true },
    guest: { name: 'Guest', aliases: ['Guest name', 'Name', 'Gast', 'Gastname'] },
    first_name: { name: 'First name', aliases: ['Vorname'] },
    last_name: { name: 'Last name', aliases: ['Nachname'] },
    email: { name: 'E-mail', aliases: ['Email', 'E-Mail-Adresse'] },
    phone: { name: 'Phone', aliases: ['Phone number', 'Telefon', 'Telefonnummer'] },
    country: { name: 'Country', aliases: ['Guest country', 'Land'] },
    adults: { name: 'Adults', aliases: ['Erwachsene'] },
    children: { name: 'Children', aliases: ['Kinder'] },
    persons: { name: 'Guests', aliases: ['Persons', 'Gäste', 'Personen'] },
    nights: { name: 'Nights', aliases: ['Nächte'] },
    status: { name: 'Status', aliases: ['Type', 'Booking status'] },
    booked: {
      name: 'Created',
      aliases: ['Booking date', 'Booked on', 'Created at', 'Buchungsdatum', 'Erstellt', 'Gebucht am'],
    },
    total: { name: 'Price', aliases: ['Total price', 'Preis', 'Gesamtpreis'] },
    fee: { name: 'Commission', aliases: ['Provision', 'Kommission'] },
    cleaning: { name: 'Cleaning fee', aliases: ['Reinigungsgebühr', 'Endreinigung'] },
    currency: { name: 'Currency', aliases: ['Währung'] },
  },
})
