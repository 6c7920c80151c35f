// Reads the label of a status by its meaning, in the languages of the channels' pages.
import { withoutMarks } from '../../../core/text.ts'
import type { Cancellation } from '../../bookings/new-row.ts'
import type { Booking, Status } from '../../bookings/schema.ts'

export interface LabelMeaning {
  readonly status: Status
  readonly cancelled_by: NonNullable<Cancellation['cancelled_by']> | null
  /** False: the label is taken for that of a live stay. */
  readonly is_known: boolean
}

/** In order: a label with "cancel" cancels, whatever else it says. Without accents, in lower case. */
const meanings: readonly [RegExp, Status][] = [
  [
    /cancel|annul|annill|storn|abgesagt|absage|geannuleerd|cancelacion|cancelamento|avbokad|aflyst|取消|キャンセル|취소/,
    'cancelled',
  ],
  [
    /no[- _]?show|nicht (erschienen|angereist)|no (se )?presento|non presente|nao compareceu|niet verschenen/,
    'no_show',
  ],
  // Before "expires": a review that expires belongs to a stay that took place.
  [/review|bewert|evalu|valora|resena|opinion|recens|beoorde|avali|comentario|评价/, 'checked_out'],
  [
    /declin|reject|refus|denied|expir|withdraw|withdrawn|not possible|timed out|abgelehnt|abgelaufen|zuruckgezogen|nicht moglich|rechaz|caduc|vencid|scadut|rifiut|afgewezen|geweigerd|verlopen|recusad|nao possivel/,
    'declined',
  ],
  [
    /^(past guest|past|completed|stayed|departed|checked ?-?out|check-?out|ended|finished|vergangen|ehemalig|abgereist|ausgecheckt|abgeschlossen|beendet|huesped anterior|anterior|finalizad|completad|estadia (finalizada|anterior)|ancien|passe|termine|sejour termine|ospite precedente|passato|completat|terminat|vorige gast|eerdere gast|afgerond|voltooid|vertrokken|hospede anterior|concluid|encerrad)/,
    'checked_out',
  ],
  [
    /^(currently hosting|checked ?-?in|in house|staying|checking out|check-?out (today|heute)|aktuell|derzeit|eingecheckt|reist (heute|morgen) ab|estadia en curso|estancia en curso|alojando|actualmente|huesped actual|sale (hoy|manana)|en cours|sejour en cours|voyageur actuel|accueil en cours|part (aujourd|demain)|in corso|soggiorno in corso|ospite attuale|parte (oggi|domani)|huidige gast|verblijft|momenteel|vertrekt|hospedando|hospedagem em andamento|hospede atual|em andamento|sai (hoje|amanha))/,
    'checked_in',
  ],
  [
    /pending|^request|trip requested|awaiting (payment|confirmation|approval|guest verification)|^tentative|^option|ausstehend|anfrage|angefragt|wartet auf|pendiente|solicitud|en attente|demande|in attesa|in sospeso|richiesta|in afwachting|aanvraag|pendente|solicitacao|pedido/,
    'pending',
  ],
  [/inquir|enquir|invitation|consulta|einladung/, 'inquiry'],
  [
    /^(confirm|accepted|accept|upcoming|arriv|ok$|new$|modified|booked|booking$|reserv|checking in|check-?in (today|tomorrow)|trip change requested|change requested|alteration|awaiting guest|bestatigt|angenommen|bevorstehend|kommend|reist (heute|morgen) an|anreise|gebucht|buchung|aceptad|proxim|llega|reservad|accepte|a venir|arrive|confirme|accettat|in arrivo|prenotat|prenotazione|confermat|bevestigd|geaccepteerd|aankom|komt|geboekt|aceit|chega|已确认|已接受|확정|確定)/,
    'confirmed',
  ],
]

export function readLabel(text: string): LabelMeaning {
  const label = plain(text)
  const status = meanings.find(([pattern]) => pattern.test(label))?.[1]
  if (status === undefined) return { status: 'confirmed', cancelled_by: null, is_known: false }
  return { status, cancelled_by: status === 'cancelled' ? cancelledBy(label) : null, is_known: true }
}

/** "Canceled by you" means by the host. */
function cancelledBy(label: string): LabelMeaning['cancelled_by'] {
  if (
    /\b(you|host|dir|ihnen|gastgeber|ti|usted|anfitrion|vous|hote|te|jou|u|voce|anfitriao|partner|hotel|property)\b/.test(
      label,
    )
  ) {
    return 'host'
  }
  if (/airbnb|booking\.com|vrbo|platform|channel|system/.test(label)) return 'platform'
  return /\b(guest|gast|huesped|viajero|voyageur|ospite|hospede|traveler|traveller|client)/.test(label) ? 'guest' : null
}

/** In lower case, without accents, with single blanks. */
function plain(text: string): string {
  return withoutMarks(text)
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim()
}

/** The sources of bookings. Written again, because commands start without the schemas of the API. */
export const channelNames = [
  'airbnb',
  'booking_com',
  'expedia',
  'fewo_direkt',
  'google',
  'direct',
  'manual',
  'other',
] as const satisfies readonly Booking['source'][]

/** The channel that a name in a file means. */
const channels: readonly [RegExp, Booking['source']][] = [
  [/airbnb/, 'airbnb'],
  [/booking ?\.?com|^booking$|^bdc$/, 'booking_com'],
  [/vrbo|home ?away|fewo|abritel|bookabach|stayz/, 'fewo_direkt'],
  [/expedia|hotels\.com/, 'expedia'],
  [/google/, 'google'],
  [/direct|website|homepage|own|manual|owner|blocked|phone|direkt|webseite|eigene/, 'direct'],
]

export function readChannel(text: string): Booking['source'] {
  const name = plain(text)
  return channels.find(([pattern]) => pattern.test(name))?.[1] ?? 'other'
}
