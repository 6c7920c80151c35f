// CSV files with 3,000 listings and 10,000 stays, identical on every machine.
//
// Columns as in https://insideairbnb.com/get-the-data/ and Antonio, de Almeida, Nunes, Data in Brief 22, 2019.
import { writeFile } from 'node:fs/promises'

/** A Lehmer generator of numbers in [0, 1). https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const pick = <T>(random: () => number, among: readonly T[]) => among[Math.floor(random() * among.length)] as T

const listingColumns =
  'id,name,neighbourhood_cleansed,latitude,longitude,property_type,room_type,accommodates,bathrooms,bathrooms_text,bedrooms,beds,amenities,price,minimum_nights,maximum_nights,instant_bookable,license'
const kinds = ['Entire rental unit', 'Entire condo', 'Private room in home', 'Entire home', 'Houseboat']
const places = ['Norrmalms', 'Södermalms', 'Kungsholmens', 'Bromma', 'Enskede-Årsta-Vantörs']
const equipment = ['Wifi', 'Kitchen', 'Washer', 'Hair dryer', 'Dedicated workspace', 'Free street parking', 'Hot water']

/** As in the original, a third has no price, and "$" precedes every price. */
export async function writeListings(path: string, count: number): Promise<void> {
  const random = createRandom(7)
  const lines = Array.from({ length: count }, (_, n) => {
    const guests = 1 + Math.floor(random() * 8)
    const amenities = Array.from({ length: 24 }, () => `""${pick(random, equipment)}""`).join(', ')
    const price = random() < 1 / 3 ? '' : `"$${(400 + Math.floor(random() * 3000)).toLocaleString('en')}.00"`
    return [
      100_000 + n * 17,
      `"Home ""${n}"", near the water"`,
      pick(random, places),
      (59.2 + random() / 5).toFixed(5),
      (17.9 + random() / 3).toFixed(5),
      pick(random, kinds),
      'Entire home/apt',
      guests,
      '1.0',
      '1 bath',
      Math.ceil(guests / 2),
      guests,
      `"[${amenities}]"`,
      price,
      '2,365,f,',
    ].join(',')
  })
  await writeFile(path, `${[listingColumns, ...lines].join('\n')}\n`)
}

const stayColumns =
  'hotel,is_canceled,lead_time,arrival_date_year,arrival_date_month,arrival_date_week_number,arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,meal,country,market_segment,distribution_channel,is_repeated_guest,previous_cancellations,previous_bookings_not_canceled,reserved_room_type,assigned_room_type,booking_changes,deposit_type,agent,company,days_in_waiting_list,customer_type,adr,required_car_parking_spaces,total_of_special_requests,reservation_status,reservation_status_date'

/** Ordered by arrival over two years. As in the original, 30 % are cancelled and 1 % have no night. */
export async function writeStays(path: string, count: number): Promise<void> {
  const random = createRandom(11)
  const lines = Array.from({ length: count }, (_, n) => {
    const arrival = new Date(Date.UTC(2015, 6, 1) + Math.floor((n / count) * 730) * 86_400_000)
    const month = arrival.toLocaleString('en', { month: 'long', timeZone: 'UTC' })
    const is_cancelled = random() < 0.3
    const nights = random() < 0.01 ? 0 : 1 + Math.floor(random() * 6)
    const party = `${1 + Math.floor(random() * 2)},${random() < 0.1 ? 1 : 0},0`
    const status = is_cancelled ? 'Canceled' : 'Check-Out'
    const when = `${arrival.getUTCMonth() + 1}/${arrival.getUTCDate()}/${arrival.getUTCFullYear()}`
    return [
      `Resort Hotel,${is_cancelled ? 1 : 0},${Math.floor(random() * 300)}`,
      `${arrival.getUTCFullYear()},${month},27,${arrival.getUTCDate()},0,${nights},${party}`,
      'BB,PRT,Direct,Direct,0,0,0,C,C,0,No Deposit,NULL,NULL,0,Transient',
      `${(40 + random() * 160).toFixed(2)},0,0,${status},${when}`,
    ].join(',')
  })
  await writeFile(path, `${[stayColumns, ...lines].join('\n')}\n`)
}
