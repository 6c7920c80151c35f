// The guests of the demo agencies: invented names from ten countries, with e-mail addresses at example.com.
import type { NewGuest } from '../../features/guests/schema.ts'

interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string
  readonly prefix: string
  /** Of 20 guests, this many are from the country. */
  readonly share: number
  readonly first: readonly string[]
  /** As many as first names: the pairs of the two lists are distinct. */
  readonly last: readonly string[]
}

const country = (code: string, prefix: string, share: number, first: string, last: string): Country => {
  return { code, prefix, share, first: first.split(' '), last: last.split(' ') }
}

const countries: readonly Country[] = [
  country(
    'DE',
    '+49',
    7,
    'Anna Jonas Lena Felix Marie Paul Sophie Tim Clara Emil Greta Moritz',
    'Tannengrün Nebelkrähe Federleicht Himbeerfeld Kieselbach Wolkenbruch Sternbeispiel Pfefferminz Sonnenblum Murmeltier Regenbogen Apfelkern',
  ),
  country(
    'AT',
    '+43',
    4,
    'Elisabeth Lukas Magdalena Xaver Theresa Valentin Vroni Leopold',
    'Marillenbaum Knödelmaier Schneeglöckl Gipfelkreuz Zirbenholz Jausenbrett Mehlspeis Dirndltal',
  ),
  country(
    'NL',
    '+31',
    2,
    'Sanne Daan Lotte Bram Fleur Sem',
    'Tulpenveld Kaasboer Vlinderman Fietsbel Stroopwafel Zonnedijk',
  ),
  country('CZ', '+420', 1, 'Tereza Jakub Eliška Vojtěch', 'Knedlíková Houska Borůvková Jablíčko'),
  country('GB', '+44', 1, 'Alice Oliver Poppy Hugh', 'Marmalade Snowdrop Teakettle Crumpet'),
  country('CH', '+41', 1, 'Ursina Reto Flurina Beat', 'Birnbrot Alpsegen Käsfondue Glockenklang'),
  country('FR', '+33', 1, 'Camille Hugo Chloé Louis', 'Pommefleur Fromageau Croissantin Lavandier'),
  country('IT', '+39', 1, 'Giulia Matteo Chiara Luca', 'Basilicona Gelatino Pomodorelli Limoncetti'),
  country('PL', '+48', 1, 'Zofia Jan Hanna Antoni', 'Pierogowska Bursztyn Poziomka Makowiec'),
  country('DK', '+45', 1, 'Freja Emil Ida Viggo', 'Solsikke Klitgræs Havregryn Blåbær'),
]

/** The country of each guest of 20, so that a list of guests is mixed. */
const order = countries
  .flatMap((one) => Array.from({ length: one.share }, (_, index) => ({ one, rank: (index + 0.5) / one.share })))
  .sort((a, b) => a.rank - b.rank)
  .map(({ one }) => one)

/** At most 320 guests: the countries with one share have 16 pairs of names. */
export function demoGuests(count: number): NewGuest[] {
  const used = new Map<Country, number>()
  return Array.from({ length: count }, (_, index) => {
    const from = order[index % order.length] as Country
    const nth = used.get(from) ?? 0
    used.set(from, nth + 1)
    const size = from.first.length
    const first_name = from.first[nth % size] ?? ''
    const last_name = from.last[(nth + Math.floor(nth / size)) % size] ?? ''
    const phone = `${from.prefix} 555 0100 ${String(index).padStart(3, '0')}`
    const email = `${asciiOf(`${first_name}.${last_name}`)}@example.com`
    // Of some guests the country is not known.
    return { first_name, last_name, email, phone, ...(index % 12 !== 11 && { country: from.code }) }
  })
}

function asciiOf(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replaceAll('æ', 'ae')
    .replaceAll('å', 'a')
    .replaceAll(/[^a-z.]/g, '')
}
