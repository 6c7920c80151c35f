// Airbnb's transaction history: one line per payment. Lines that are no reservations are skipped.
// Sources: the English header as published by several tools that read it; the Portuguese one from Gelmer7/aluguel-temporada-control.
import { airbnbLabels } from './airbnb-labels.ts'
import { stayFormat } from './stay-format.ts'

export const airbnbTransactions = stayFormat({
  id: 'airbnb-transactions',
  name: "Airbnb's transaction history",
  from: 'airbnb.com, Earnings, Reports, transaction history: paid or upcoming',
  source: 'airbnb',
  adds_amounts: true,
  columns: {
    type: { name: 'Type', aliases: ['Typ', 'Art', 'Tipo', 'Type de transaction', 'Soort'], is_required: true },
    code: { ...airbnbLabels.code, is_required: true },
    guest: airbnbLabels.guest,
    start: { ...airbnbLabels.start, is_required: true },
    end: airbnbLabels.end,
    nights: { ...airbnbLabels.nights, is_required: true },
    listing: { ...airbnbLabels.listing, is_required: true },
    booked: {
      name: 'Booking date',
      aliases: [
        'Buchungsdatum',
        'Fecha de reserva',
        'Fecha de la reserva',
        'Date de réservation',
        'Data di prenotazione',
        'Data della prenotazione',
        'Boekingsdatum',
        'Data da reserva',
      ],
    },
    currency: { name: 'Currency', aliases: ['Währung', 'Moneda', 'Divisa', 'Devise', 'Valuta', 'Moeda'] },
    payout: {
      name: 'Amount',
      aliases: ['Betrag', 'Importe', 'Monto', 'Cantidad', 'Montant', 'Importo', 'Bedrag', 'Valor', 'Quantia'],
      is_required: true,
    },
    fee: {
      name: 'Service fee',
      aliases: [
        'Host fee',
        'Servicegebühr',
        'Service-Gebühr',
        'Gastgebergebühr',
        'Tarifa de servicio',
        'Comisión de servicio',
        'Frais de service',
        'Costi del servizio',
        'Commissione di servizio',
        'Servicekosten',
        'Taxa de serviço',
      ],
    },
    cleaning: {
      name: 'Cleaning fee',
      aliases: [
        'Reinigungsgebühr',
        'Gastos de limpieza',
        'Tarifa de limpieza',
        'Frais de ménage',
        'Costi di pulizia',
        'Spese di pulizia',
        'Schoonmaakkosten',
        'Taxa de limpeza',
      ],
    },
    total: {
      name: 'Gross earnings',
      aliases: [
        'Bruttoeinkünfte',
        'Bruttoeinnahmen',
        'Ganancias brutas',
        'Ingresos brutos',
        'Revenus bruts',
        'Guadagni lordi',
        'Bruto inkomsten',
        'Bruto-inkomsten',
        'Ganhos brutos',
        'Rendimentos brutos',
      ],
    },
    tax: {
      name: 'Occupancy taxes',
      aliases: [
        'Beherbergungssteuern',
        'Ortstaxe',
        'Impuestos de ocupación',
        'Impuestos sobre la estancia',
        'Taxes de séjour',
        'Imposte di soggiorno',
        'Tasse di soggiorno',
        'Toeristenbelasting',
        'Impostos de ocupação',
        'Taxas de ocupação',
      ],
    },
  },
})
