// Reading a row of a file of stays: names, statuses, people, contacts, amounts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRow } from './csv/columns.ts'
import { airbnbReservations } from './formats/airbnb-reservations.ts'
import type { StayKey } from './formats/stay-format.ts'
import { RowError } from './import-errors.ts'
import { toName } from './stay-guest.ts'
import { readStayRow } from './stay-row.ts'

const valid: Partial<Record<StayKey, string>> = {
  code: 'HMABCDEFGH',
  status: 'Confirmed',
  guest: 'Ada King Lovelace',
  contact: '+44 20 7946 0018',
  adults: '2',
  children: '1',
  infants: '',
  start: '7/1/2025',
  end: '7/8/2025',
  nights: '7',
  listing: 'Lake House',
  payout: '€412.50',
}

/** The stay, and the reasons of its warnings. */
function read(cells: Partial<Record<StayKey, string>> = {}) {
  const all = { ...valid, ...cells }
  const keys = Object.keys(all) as StayKey[]
  const positions = new Map(
    keys.map((key, index) => [key, { index, label: airbnbReservations.columns[key]?.name ?? key }]),
  )
  const row = createRow(
    2,
    keys.map((key) => all[key] ?? ''),
    airbnbReservations,
    positions,
  )
  const warnings: string[] = []
  const options = { format: airbnbReservations, order: 'mdy', source: undefined } as const
  const stay = readStayRow(row, options, ({ column, reason }) => warnings.push(`${column}: ${reason}`))
  assert.ok(!('outcome' in stay))
  return { stay, warnings, amounts: stay.readAmounts('EUR') }
}

test('a country is read as a code or a name, and left out with a warning when it is neither', () => {
  assert.equal(read({ country: 'de' }).stay.guest?.country, 'DE')
  assert.equal(read({ country: 'Österreich' }).stay.guest?.country, 'AT')
  const { stay, warnings } = read({ country: 'Bavaria' })
  assert.deepEqual([stay.guest?.country, warnings], [undefined, ['country: is not a country: left out']])
})

test('every column of a row is read', () => {
  const { stay, warnings, amounts } = read()
  assert.deepEqual(warnings, [])
  assert.deepEqual([stay.source, stay.code, stay.titles], ['airbnb', 'HMABCDEFGH', ['Lake House']])
  assert.deepEqual(stay.facts, {
    listing: 'Lake House',
    status: 'confirmed',
    cancelled_by: null,
    check_in: '2025-07-01',
    check_out: '2025-07-08',
    num_adults: 2,
    num_children: 1,
    num_infants: null,
    booked_on: null,
  })
  assert.deepEqual(stay.guest, { first_name: 'Ada King', last_name: 'Lovelace', phone: '+442079460018' })
  assert.equal(amounts.payout_cents, 41_250)
})

describe('a status label is read by its meaning, in every language', () => {
  const statuses: Record<string, string> = {
    'Confirmed|Arriving tomorrow|Reserved|ok|OK|Trip change requested|Awaiting guest ID|Bestätigt|Anreise heute|Reservada|Confirmée|Prenotazione confermata|Bevestigd|Reserva confirmada|已确认':
      'confirmed',
    'Currently hosting|Checking out today|Aktueller Gast|Estadía en curso|Séjour en cours|Soggiorno in corso|Huidige gast|Hospedando no momento':
      'checked_in',
    'Past guest|Checked out|Completed|Review your guest|Review guest – expires soon|Gast bewerten – läuft bald ab|Vergangener Gast|Huésped anterior|Évaluer le voyageur|Lascia una recensione|Beoordeel je gast|Avaliar hóspede|Concluída':
      'checked_out',
    'Canceled by guest|CANCELLED  BY YOU|cancelled_by_partner|Vom Gast storniert|Von dir storniert|Cancelación por parte del viajero|Cancelada por el huésped|Annulée par le voyageur|Cancellata dall’ospite|Geannuleerd door gast|Cancelada pelo hóspede|Booking cancellation':
      'cancelled',
    'Declined|Expired|Request withdrawn|Not possible|Timed out|Abgelehnt|Rechazada|Refusée|Rifiutata|Afgewezen|Recusada|Não possível|Nicht möglich|Zurückgezogen':
      'declined',
    'Pending|Awaiting payment|Request to book|Ausstehend|Pendiente|En attente|In attesa|In afwachting|Pendente':
      'pending',
    'No-show|no_show|Nicht erschienen|Não compareceu|No se presentó': 'no_show',
    Inquiry: 'inquiry',
  }
  for (const [labels, status] of Object.entries(statuses)) {
    for (const label of labels.split('|')) {
      test(label, () => {
        const { stay, warnings } = read({ status: label })
        assert.deepEqual([stay.facts.status, warnings], [status, []])
      })
    }
  }
})

test('an unknown label is a live stay with a warning', () => {
  const { stay, warnings } = read({ status: 'Teleported' })
  assert.equal(stay.facts.status, 'confirmed')
  assert.match(warnings.join(), /Status: is not a known status/)
})

test('cancelled_by is read from the status', () => {
  const texts = [
    'Canceled by guest',
    'Cancelled by you',
    'canceled by Host',
    'Canceled by Airbnb',
    'Canceled',
    'Declined',
  ]
  assert.deepEqual(
    texts.map((status) => read({ status }).stay.facts.cancelled_by),
    ['guest', 'host', 'host', 'platform', null, null],
  )
})

test('a row without a status has none', () => {
  assert.equal(read({ status: '' }).stay.facts.status, null)
})

describe('what a stay needs is refused with the name of the column', () => {
  const invalid: [StayKey, string, RegExp][] = [
    ['code', '', /is empty/],
    ['start', '13/1/2025', /not a date/],
    ['start', '', /is empty/],
    ['end', '7/1/2025', /not after the start date 2025-07-01/],
    ['end', '7/3/2026', /more than 366 nights/],
    ['listing', '', /is empty/],
  ]
  for (const [key, text, reason] of invalid) {
    test(`${key} "${text}"`, () => {
      assert.throws(
        () => read({ [key]: text }),
        (error) =>
          error instanceof RowError &&
          error.column === airbnbReservations.columns[key].name &&
          reason.test(error.message),
      )
    })
  }
})

describe('everything else that is odd is a warning', () => {
  const odd: [StayKey, string, RegExp][] = [
    ['adults', '0', /# of adults: has no adult: imported as 1/],
    ['adults', 'two', /not a whole number: left out/],
    ['children', 'two', /not a whole number: left out/],
    ['nights', '6', /does not match the dates: .* there are 7 nights/],
    ['guest', `${'x'.repeat(101)} Y`, /longer than 100 characters: cut/],
    ['contact', 'ask the doorman', /neither a phone number nor an e-mail address: left out/],
    ['payout', 'soon', /not an amount of money: left out/],
    ['booked', 'last week', /not a date.*: left out/],
  ]
  for (const [key, text, warning] of odd) {
    test(`${key} "${text.slice(0, 20)}"`, () => assert.match(read({ [key]: text }).warnings.join(), warning))
  }
})

test('a charge is negative in every notation, and a fee is its amount', () => {
  for (const text of ['-€50.00', '€-50.00', '€50.00-', '(€50.00)', '−50.00 €', '-50']) {
    assert.equal(read({ payout: text, fee: text }).amounts.payout_cents, -5000, text)
    assert.equal(read({ fee: text }).amounts.channel_fee_cents, 5000, text)
  }
  assert.equal(read({ payout: '-0.00' }).amounts.payout_cents, 0)
})

test('without a column for adults all guests without the children are adults', () => {
  assert.equal(read({ adults: '', persons: '5', children: '2' }).stay.facts.num_adults, 3)
})

test('a day of booking may have a time', () => {
  for (const text of ['2025-01-02T10:02:17', '2025-01-02 00:26:33', '1/2/2025 10:02']) {
    assert.equal(read({ booked: text }).stay.facts.booked_on, '2025-01-02', text)
  }
})

describe('a name is divided into first and last name', () => {
  const names: [string, string | undefined][] = [
    ['Ada King Lovelace', 'Ada King|Lovelace'],
    ['Lovelace, Ada', 'Ada|Lovelace'],
    ['Ada Lovelace, Ben Lovelace', 'Ada|Lovelace'],
    ['Madonna', '-|Madonna'],
    [' ', undefined],
  ]
  for (const [text, expected] of names) {
    test(`"${text}"`, () => {
      const name = toName(text)
      assert.equal(name && `${name.first_name}|${name.last_name}`, expected)
    })
  }
})
