// The homes of the demo agencies. All names are invented.
import type { Amenity } from '../../features/properties/amenities.ts'
import type { NewProperty } from '../../features/properties/schema.ts'

interface Place {
  readonly city: string
  readonly postal_code: string
  readonly country: 'AT' | 'DE'
  readonly latitude: number
  readonly longitude: number
}

type Home = readonly [
  name: string,
  type: NewProperty['property_type'],
  guests: number,
  euros: number,
  rules?: Partial<NewProperty>,
]

const weekly = { min_nights: 7, arrival_weekdays: ['sat'], departure_weekdays: ['sat'] } satisfies Partial<NewProperty>
const cleaning = { buffer_days_after: 1 }
const short_notice = { min_nights: 3, notice_days: 2 }

const place = (city: string, postal_code: string, country: Place['country'], at: readonly [number, number]): Place => {
  return { city, postal_code, country, latitude: at[0], longitude: at[1] }
}

type Places = readonly (readonly [Place, readonly Home[]])[]

/** The first home by name, and the first one with "Villa", have no rules: the examples of the README book them. */
const alps: Places = [
  [
    place('Zell am See', '5700', 'AT', [47.32, 12.8]),
    [
      ['Chalet Edelweiß', 'chalet', 6, 265],
      ['Villa Enzian', 'villa', 12, 540],
      ['Seeblick Thumersbach', 'apartment', 4, 155, { min_nights: 2 }],
      ['Haus Schmittental', 'house', 9, 330, weekly],
      ['Studio Promenade', 'studio', 2, 89],
    ],
  ],
  [
    place('Kaprun', '5710', 'AT', [47.27, 12.76]),
    [
      ['Apartment Bergkristall', 'apartment', 4, 145],
      ['Studio am Lift', 'studio', 2, 95],
      ['Gletscherlodge', 'chalet', 8, 345, cleaning],
      ['Ferienhaus Kitzblick', 'house', 7, 240],
      ['Dachgeschoss Maiskogel', 'apartment', 5, 165, { min_nights: 3 }],
    ],
  ],
  [
    place('Rauris', '5661', 'AT', [47.22, 12.99]),
    [
      ['Almhütte Sonnblick', 'chalet', 8, 310],
      ['Bauernhaus Goldwäscher', 'house', 10, 380, weekly],
      ['Zirbenstube', 'cottage', 4, 175],
      ['Geierhorst', 'cabin', 5, 190, short_notice],
    ],
  ],
  [
    place('Bad Gastein', '5640', 'AT', [47.11, 13.13]),
    [
      ['Jagdhaus Tannwald', 'cabin', 6, 220],
      ['Wasserfall-Suite', 'apartment', 3, 135],
      ['Belle-Époque-Wohnung', 'apartment', 4, 168, { min_nights: 2 }],
      ['Thermenhaus Graukogel', 'house', 8, 285, cleaning],
    ],
  ],
  [
    place('St. Gilgen', '5340', 'AT', [47.77, 13.36]),
    [
      ['Bootshaus Wolfgangsee', 'cottage', 4, 235, { min_nights: 3 }],
      ['Landhaus Zwölferhorn', 'house', 8, 320, weekly],
      ['Mozartstüberl', 'studio', 2, 98],
      ['Falkensteinhaus', 'house', 6, 245],
    ],
  ],
  [
    place('Garmisch-Partenkirchen', '82467', 'DE', [47.49, 11.1]),
    [
      ['Ferienwohnung Zugspitzblick', 'apartment', 4, 138],
      ['Kramerhof', 'house', 9, 295, cleaning],
      ['Wettersteinloft', 'condo', 4, 172],
      ['Partnach-Häuschen', 'cottage', 5, 180, { min_nights: 3 }],
      ['Olympiawohnung', 'apartment', 3, 115],
    ],
  ],
  [
    place('Berchtesgaden', '83471', 'DE', [47.63, 13.0]),
    [
      ['Watzmannhütte Talblick', 'cabin', 6, 210],
      ['Salzsäumerhaus', 'house', 8, 260, weekly],
      ['Königssee-Apartment', 'apartment', 4, 149],
      ['Ferienwohnung Enzianwiese', 'apartment', 5, 142, { min_nights: 2 }],
    ],
  ],
  [
    place('Oberstdorf', '87561', 'DE', [47.41, 10.28]),
    [
      ['Allgäuer Sennhütte', 'chalet', 6, 230],
      ['Nebelhornnest', 'apartment', 2, 105],
      ['Breitachhaus', 'house', 10, 355, cleaning],
      ['Haus Heuboden', 'house', 7, 225],
      ['Schanzenblick', 'apartment', 4, 132, short_notice],
    ],
  ],
  [
    place('Füssen', '87629', 'DE', [47.57, 10.7]),
    [
      ['Lechufer-Wohnung', 'apartment', 4, 128],
      ['Königswinkel-Villa', 'villa', 10, 460],
      ['Forggensee-Hütte', 'cabin', 5, 170],
      ['Altstadtzimmer Lautenbauer', 'room', 2, 74],
    ],
  ],
]

const coast: Places = [
  [
    place('Husum', '25813', 'DE', [54.48, 9.05]),
    [
      ['Deichkate', 'cottage', 4, 130],
      ['Wattwurm', 'apartment', 5, 150],
    ],
  ],
  [place('St. Peter-Ording', '25826', 'DE', [54.3, 8.64]), [['Dünenhaus Nord', 'house', 8, 290, { min_nights: 3 }]]],
  [
    place('Büsum', '25761', 'DE', [54.13, 8.86]),
    [
      ['Hafenblick 12', 'apartment', 3, 120],
      ['Strandkoje', 'studio', 2, 85],
    ],
  ],
  [place('Wyk auf Föhr', '25938', 'DE', [54.69, 8.57]), [['Kapitänshaus', 'house', 6, 240, cleaning]]],
  [place('Westerhever', '25881', 'DE', [54.38, 8.65]), [['Leuchtturm-Suite', 'studio', 2, 185]]],
  [place('Kampen', '25999', 'DE', [54.95, 8.34]), [['Reetdachhaus Möwe', 'villa', 9, 420]]],
]

const basics: readonly Amenity[] = ['wifi', 'tv', 'heating', 'kitchen', 'fridge', 'bed_linen', 'towels', 'parking']
const large: readonly Amenity[] = ['dishwasher', 'oven', 'washing_machine', 'terrace', 'garden', 'barbecue', 'cot']
const extras: Readonly<Partial<Record<NewProperty['property_type'], readonly Amenity[]>>> = {
  chalet: [...large, 'fireplace', 'sauna', 'mountain_view', 'ski_storage'],
  villa: [...large, 'sauna', 'hot_tub', 'pool', 'ev_charger'],
  house: [...large, 'fireplace', 'playground', 'high_chair'],
  cabin: ['fireplace', 'terrace', 'barbecue'],
  cottage: ['garden', 'terrace', 'bathtub', 'bicycle_storage'],
  apartment: ['balcony', 'dishwasher', 'elevator', 'coffee_machine'],
  condo: ['balcony', 'dishwasher', 'elevator', 'garage', 'step_free'],
  studio: ['coffee_machine', 'elevator', 'key_box'],
}
/** In turns, so that homes of one place differ. */
const some: readonly (readonly Amenity[])[] = [['dogs_allowed'], ['workspace'], ['key_box'], ['iron'], ['microwave']]

/** The homes without owner. Larger homes have a higher cleaning fee. */
function homesOf(places: Places): NewProperty[] {
  return places.flatMap(([where, homes]) =>
    homes.map(([name, property_type, max_guests, euros, rules], n) => ({
      amenities: [...basics, ...(extras[property_type] ?? []), ...(some[n % some.length] ?? [])],
      ...{ name, property_type, max_guests, currency: 'EUR', ...where, ...rules },
      ...{ bedrooms: Math.ceil(max_guests / 2), beds: max_guests, bathrooms: Math.ceil(max_guests / 4) },
      size_sqm: 22 + max_guests * 13,
      base_price_cents: euros * 100,
      cleaning_fee_cents: 3000 + max_guests * 1000,
    })),
  )
}

export const demoHomes = { alps: homesOf(alps), coast: homesOf(coast) }

/** So many homes of the Alps; from the second round on their names have a number. */
export function repeatedHomes(count: number): NewProperty[] {
  return Array.from({ length: count }, (_, n) => {
    const home = demoHomes.alps[n % demoHomes.alps.length] as NewProperty
    const round = Math.floor(n / demoHomes.alps.length) + 1
    return round === 1 ? home : { ...home, name: `${home.name} ${round}` }
  })
}
