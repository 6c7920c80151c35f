// Airbnb's reservations export.
// Sources: the English header of the page "Reservations"; the German and the Spanish one from files that hosts have published.
import { airbnbLabels } from './airbnb-labels.ts'
import { stayFormat } from './stay-format.ts'

export const airbnbReservations = stayFormat({
  id: 'airbnb',
  name: "Airbnb's reservations export",
  from: 'airbnb.com, Reservations, Export, in English, German, Spanish, French, Italian, Dutch or Portuguese',
  source: 'airbnb',
  without: ['Source', 'Channel', 'Portal', 'Platform', 'Booking source', 'Total payout'],
  columns: {
    ...airbnbLabels,
    code: { ...airbnbLabels.code, is_required: true },
    status: { ...airbnbLabels.status, is_required: true },
    adults: { ...airbnbLabels.adults, is_required: true },
    start: { ...airbnbLabels.start, is_required: true },
    end: { ...airbnbLabels.end, is_required: true },
    listing: { ...airbnbLabels.listing, is_required: true },
    booked: {
      name: 'Booked',
      aliases: [
        'Gebucht',
        'Reservada',
        'Reservado',
        'Fecha de reserva',
        'Réservé',
        'Réservée',
        'Date de réservation',
        'Prenotato',
        'Prenotata',
        'Data di prenotazione',
        'Geboekt',
        'Boekingsdatum',
        'Data da reserva',
      ],
    },
    payout: {
      name: 'Earnings',
      aliases: [
        'Einkünfte',
        'Einnahmen',
        'Ganancias',
        'Ingresos',
        'Revenus',
        'Gains',
        'Guadagni',
        'Entrate',
        'Inkomsten',
        'Verdiensten',
        'Opbrengsten',
        'Ganhos',
        'Rendimentos',
        'Receita',
      ],
    },
  },
})
