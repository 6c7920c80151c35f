// Every format of stays: a file of it is recognised by its header and becomes bookings.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileOf } from '../../../../test/import-files.ts'
import { openImportFixture, outcomesOf } from '../../../../test/import-fixture.ts'
import { ImportError } from '../import-errors.ts'
import { mappedFormat, stayFormats } from './all-stays.ts'

const { importBookings, newAgency, newProperty, rows } = await openImportFixture()

async function bookingsOf(content: string, more: object = {}): Promise<unknown[]> {
  const agency_id = await newAgency()
  for (const name of ['R1', 'One-Bedroom Apartment']) await newProperty(agency_id, { name, max_guests: 6 })
  const report = await importBookings(agency_id, content, more)
  assert.match(outcomesOf(report), /^created \d+/, JSON.stringify(report))
  assert.deepEqual(report.warnings, [])
  const found = await rows(
    `select external_code as code, source, status, check_in::text || '/' || check_out::text as dates,
       concat_ws(' ', num_adults, num_children) as people, total_cents::int as total, payout_cents::int as payout,
       channel_fee_cents::int as fee, cleaning_fee_cents::int as cleaning, booked_on::text as booked,
       concat_ws(' ', guest_first_name, guest_last_name, guest_phone, guest_email) as guest
     from bookings where agency_id = $1 order by external_code`,
    agency_id,
  )
  return found.map((one) => Object.values(one))
}

const ada = 'Ada Lovelace'
const summer = '2028-07-14/2028-07-17'

describe('a file of each format becomes bookings', () => {
  const files: Readonly<Record<string, readonly [content: string, ...bookings: unknown[][]]>> = {
    'airbnb in German': [
      `"Bestätigungs-Code","Status","Name des Gastes","Kontakt","Anzahl der Erwachsenen","Anzahl der Kinder","Anzahl der Kleinkinder","Startdatum","Enddatum","Anzahl der Nächte","Gebucht","Inserat","Einkünfte"
"A1","Aktueller Gast","${ada}","","2","1","0","28.7.2028","30.7.2028","2","2028-06-04","R1","€ 3.134,93"`,
      ['A1', 'airbnb', 'checked_in', '2028-07-28/2028-07-30', '2 1', 313_493, 313_493, null, 0, '2028-06-04', ada],
    ],
    'airbnb in Spanish': [
      `"Código de confirmación","Estado","Nombre del huésped","Contacto","Número de adultos","Número de niños","Número de bebés","Fecha de inicio","Fecha de finalización","Número de noches","Reservada","Anuncio","Ganancias"
"A1","Cancelación por parte del viajero","${ada}","","2","0","0","15/7/2028","18/7/2028","3","2028-06-04","R1","€ 0,00"`,
      ['A1', 'airbnb', 'cancelled', '2028-07-15/2028-07-18', '2 0', 0, 0, null, 0, '2028-06-04', ada],
    ],
    'airbnb in French': [
      `"Code de confirmation","Statut","Nom du voyageur","Contact","Nombre d'adultes","Nombre d'enfants","Nombre de bébés","Date de début","Date de fin","Nombre de nuits","Réservée","Annonce","Revenus"
"A1","Confirmée","${ada}","","2","1","0","14/07/2028","17/07/2028","3","2028-06-04","R1","300,00 €"`,
      ['A1', 'airbnb', 'confirmed', summer, '2 1', 30_000, 30_000, null, 0, '2028-06-04', ada],
    ],
    'airbnb in Italian': [
      `"Codice di conferma","Stato","Nome dell'ospite","Contatto","N. di adulti","N. di bambini","N. di neonati","Data di inizio","Data di fine","N. di notti","Prenotato","Annuncio","Guadagni"
"A1","Confermata","${ada}","","2","1","0","14/07/2028","17/07/2028","3","2028-06-04","R1","300,00 €"`,
      ['A1', 'airbnb', 'confirmed', summer, '2 1', 30_000, 30_000, null, 0, '2028-06-04', ada],
    ],
    'airbnb in Dutch': [
      `"Bevestigingscode","Status","Naam van de gast","Contact","Aantal volwassenen","Aantal kinderen","Aantal baby's","Begindatum","Einddatum","Aantal nachten","Geboekt","Advertentie","Inkomsten"
"A1","Bevestigd","${ada}","","2","1","0","14-07-2028","17-07-2028","3","2028-06-04","R1","€ 300,00"`,
      ['A1', 'airbnb', 'confirmed', summer, '2 1', 30_000, 30_000, null, 0, '2028-06-04', ada],
    ],
    'airbnb in Portuguese': [
      `"Código de confirmação","Status","Nome do hóspede","Contato","Nº de adultos","Nº de crianças","Nº de bebês","Data de início","Data de término","Nº de noites","Reservado","Anúncio","Ganhos"
"A1","Confirmada","${ada}","","2","1","0","14/07/2028","17/07/2028","3","2028-06-04","R1","€ 300,00"`,
      ['A1', 'airbnb', 'confirmed', summer, '2 1', 30_000, 30_000, null, 0, '2028-06-04', ada],
    ],
    'airbnb transactions': [
      `Date,Arriving by date,Type,Confirmation code,Booking date,Start date,End date,Nights,Guest,Listing,Details,Reference code,Currency,Amount,Paid out,Service fee,Fast Pay Fee,Cleaning fee,Gross earnings,Occupancy taxes,Earnings year
07/15/2028,07/20/2028,Payout,,,,,,,,Transfer,G-1,EUR,,465.60,,,,,,2028
07/15/2028,,Reservation,A1,01/02/2028,07/14/2028,07/17/2028,3,${ada},R1,,,EUR,465.60,,14.40,,60.00,480.00,0.00,2028
08/15/2028,,Reservation,A1,01/02/2028,07/14/2028,07/17/2028,3,${ada},R1,,,EUR,97.00,,3.00,,0.00,100.00,0.00,2028
08/15/2028,,Adjustment,A1,01/02/2028,07/14/2028,07/17/2028,3,${ada},R1,,,EUR,-5.00,,,,,,,2028`,
      ['A1', 'airbnb', 'confirmed', summer, '1 0', 58_000, 56_260, 1740, 6000, '2028-01-02', ada],
    ],
    'airbnb transactions in Portuguese': [
      `Data,Disponível por data,Tipo,Código de Confirmação,Data da reserva,Data de início,Data de término,Noites,Hóspede,Anúncio,Informações,Código de referência,Moeda,Valor,Pago,Taxa de serviço,Taxa de pagamento rápido,Taxa de limpeza,Ganhos brutos,Impostos de ocupação,Ganhos do ano
15/07/2028,,Reserva,A1,02/01/2028,14/07/2028,17/07/2028,3,${ada},R1,,,EUR,465.60,,14.40,,60.00,480.00,0.00,2028`,
      ['A1', 'airbnb', 'confirmed', summer, '1 0', 48_000, 46_560, 1440, 6000, '2028-01-02', ada],
    ],
    'booking.com': [
      `Book number,Booked by,Guest name(s),Check-in,Check-out,Booked on,Status,Rooms,Persons,Adults,Children,Children's age(s),Price,Commission %,Commission amount,Unit type,Duration (nights),Phone number
B1,"Lovelace, Ada",,2028-07-14,2028-07-17,2028-01-02 00:26:33,ok,1,3,2,1,4,126.63 EUR,12,15.20 EUR,One-Bedroom Apartment,3,
B2,"Lovelace, Ada",Ada Lovelace,2028-08-14,2028-08-17,2028-01-02 00:26:33,cancelled_by_guest,1,1,1,0,,0 EUR,12,0 EUR,One-Bedroom Apartment,3,`,
      ['B1', 'booking_com', 'confirmed', summer, '2 1', 12_663, null, 1520, 0, '2028-01-02', ada],
      ['B2', 'booking_com', 'cancelled', '2028-08-14/2028-08-17', '1 0', 0, null, 0, 0, '2028-01-02', ada],
    ],
    'booking.com statement': [
      `"Reservation number","Invoice number","Booked on","Arrival","Departure","Booker name","Guest name","Rooms","Persons","Room nights","Commission %","Original amount","Final amount","Commission amount","Payment fee","Status","Guest request","Currency","Hotel id","Property name","City","Country"
"B1","1","2028-01-02T10:02:17","2028-07-14","2028-07-17","${ada}","${ada}","1","2","3","15.00","272.00","272.00","40.80","4.03","OK","","EUR","1","R1","X","PT"`,
      ['B1', 'booking_com', 'confirmed', summer, '2 0', 27_200, null, 4080, 0, '2028-01-02', ada],
    ],
    vrbo: [
      `Reservation ID,Property Name,Check-in Date,Check-out Date,Nights,Guest First Name,Guest Last Name,Guest Phone,Status,Booked or inquired on,Total
HA-1,R1,07/14/2028,07/17/2028,3,Ada,Lovelace,+1 555 010 0000,Reservation,01/02/2028,$412.50`.replace('$', ''),
      ['HA-1', 'fewo_direkt', 'confirmed', summer, '1 0', 41_250, null, null, 0, '2028-01-02', `${ada} +15550100000`],
    ],
    smoobu: [
      `Arrival;Departure;Apartment;Channel;Guest;Adults;Children;Price;Booking number
14.07.2028;17.07.2028;R1;Booking.com;${ada};2;0;300,00;123
14.08.2028;17.08.2028;R1;Direct booking;${ada};2;0;300,00;124`,
      ['123', 'booking_com', 'confirmed', summer, '2 0', 30_000, null, null, 0, null, ada],
      ['124', 'direct', 'confirmed', '2028-08-14/2028-08-17', '2 0', 30_000, null, null, 0, null, ada],
    ],
    'smoobu in German': [
      `Anreise;Abreise;Unterkunft;Portal;Gast;Erwachsene;Kinder;Preis;Provision;Buchungsnummer
14.07.2028;17.07.2028;R1;FeWo-direkt;${ada};2;0;300,00;30,00;123`,
      ['123', 'fewo_direkt', 'confirmed', summer, '2 0', 30_000, null, 3000, 0, null, ada],
    ],
    lodgify: [
      `Id,Source,Status,Property Name,Guest Name,Email,Date Arrival,Date Departure,Nights,People,Date Created,Total Amount,Currency
77,Airbnb,Booked,R1,${ada},ada@example.com,2028-07-14,2028-07-17,3,2,2028-01-02,300.00,EUR`,
      ['77', 'airbnb', 'confirmed', summer, '2 0', 30_000, null, null, 0, '2028-01-02', `${ada} ada@example.com`],
    ],
    guesty: [
      `Confirmation code,Status,Guest,Check-in,Check-out,Nights,Adults,Listing,Source,Total payout
GY-1,Confirmed,${ada},2028-07-14,2028-07-17,3,2,R1,Booking.com,412.50
GY-2,Confirmed,${ada},2028-08-14,2028-08-17,3,2,R1,Vrbo,412.50`,
      ['GY-1', 'booking_com', 'confirmed', summer, '2 0', 41_250, 41_250, null, 0, null, ada],
      ['GY-2', 'fewo_direkt', 'confirmed', '2028-08-14/2028-08-17', '2 0', 41_250, 41_250, null, 0, null, ada],
    ],
    hostaway: [
      `Reservation ID,Channel Name,Listing Name,Guest Name,Guest Email,Arrival Date,Departure Date,Nights,Number of guests,Status,Reservation Date,Total Price,Channel commission amount,Cleaning fee,Currency
13,airbnb,R1,${ada},ada@example.com,2028-07-14,2028-07-17,3,2,new,2028-01-02 10:41:10,267.00,8.01,50.00,EUR`,
      ['13', 'airbnb', 'confirmed', summer, '2 0', 26_700, null, 801, 5000, '2028-01-02', `${ada} ada@example.com`],
    ],
  }
  for (const [name, [content, ...bookings]] of Object.entries(files)) {
    test(name, async () => assert.deepEqual(await bookingsOf(`${content}\n`), bookings))
  }
})

test('--map reads a file of any other format, --source names its channel', async () => {
  const content = `Ref;House;From;To;Who;Rent, total\nX1;R1;14.07.2028;17.07.2028;${ada};300,00\n`
  const map = 'code=Ref,listing=House,start=From,end=To,guest=Who,total=Rent, total'
  assert.deepEqual(await bookingsOf(content, { map, source: 'expedia' }), [
    ['X1', 'expedia', 'confirmed', summer, '1 0', 30_000, null, null, 0, null, ada],
  ])
})

test('a mapping names known fields and the required ones', () => {
  for (const [map, reason] of [
    ['code=Ref', /no column for start, end, listing/],
    ['price=Ref', /the fields are code, status/],
    ['code', /write field=column/],
  ] as const) {
    assert.throws(
      () => mappedFormat(map),
      (error) => error instanceof ImportError && reason.test(error.message),
    )
  }
})

describe('files that are something else name what they are', () => {
  const others: [string, string, RegExp, object?][] = [
    ['a calendar', 'BEGIN:VCALENDAR\nVERSION:2.0\n', /is a calendar \(iCalendar\)\. Calendars are read by channels/],
    ['a calendar with a byte order mark', '\u{feff}begin:vcalendar\n', /is a calendar/],
    ['properties', 'id,name,property_type,accommodates\n1,x,Boat,2\n', /use roost import listings/],
    [
      'a report of several channels as one of Airbnb',
      'Confirmation code,Status,# of adults,Start date,End date,Listing,Platform\n',
      /has the column Platform, which the format "Airbnb's reservations export" never has/,
      { format: 'airbnb' },
    ],
    ['an unknown format', 'a,b\n1,2\n', /the formats are airbnb, airbnb-transactions/, { format: 'x' }],
  ]
  for (const [name, content, reason, more] of others) {
    test(name, async () => assert.rejects(importBookings(await newAgency(), content, more), reason))
  }
})

test('the wrong one of two files of Inside Airbnb names the right one; bookings are no listings', async () => {
  const { importListings } = await openImportFixture()
  const summary =
    'id,name,host_id,host_name,neighbourhood_group,neighbourhood,latitude,longitude,room_type,price,minimum_nights,number_of_reviews\n'
  await assert.rejects(importListings(await newAgency(), summary), /take listings\.csv\.gz of the same page/)
  const stays = 'Confirmation code,Status,# of adults,Start date,End date,Listing\n'
  await assert.rejects(importListings(await newAgency(), stays), /use roost import bookings/)
})

test('the names of the formats and the labels of each are unique', () => {
  assert.equal(new Set(stayFormats.map(({ id }) => id)).size, stayFormats.length)
  for (const { id, columns } of stayFormats) {
    for (const { name } of Object.values(columns)) assert.notEqual(name.trim(), '', id)
  }
})

test('a path to no file is reported by name', async () => {
  const file = `${fileOf('x')}/missing.csv`
  await assert.rejects(importBookings(await newAgency(), '', { file }), /cannot read .*missing\.csv/)
})
