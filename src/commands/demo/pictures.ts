// The pictures of the demo homes: drawings of this project (scripts/demo-pictures).
import { randomUUIDv7 } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sql from 'sql-template-tag'
import type { Actor } from '../../core/auth/actors.ts'
import { recordAudits } from '../../core/events/audit.ts'
import { recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { newMediaKey, sizeKey, sizeNames } from '../../features/photos/files.ts'
import { photoEntry } from '../../features/photos/photos.ts'
import type { Property } from '../../features/properties/schema.ts'
import type { DemoStores } from './agencies.ts'

const folder = join(import.meta.dirname, 'pictures')
/** Of every drawing, in pixels. */
const drawn = { width: 2000, height: 1500 }

const texts = {
  bedroom: 'The bedroom',
  cabin: 'The cabin in winter',
  chalet: 'The chalet in summer',
  'chalet-evening': 'The chalet in the evening',
  cottage: 'The cottage by the water',
  flat: 'The building from the garden',
  'flat-evening': 'The building in the evening',
  house: 'The house from the garden',
  lake: 'The lake in front of the mountains',
  'living-room': 'The living room',
  mountains: 'The view of the mountains',
  sea: 'The beach with the lighthouse',
  thatched: 'The house behind the dunes',
  villa: 'The villa with its pool',
} as const
type Drawing = keyof typeof texts

const outsides: Readonly<Partial<Record<Property['property_type'], readonly Drawing[]>>> = {
  apartment: ['flat', 'flat-evening'],
  cabin: ['cabin'],
  chalet: ['chalet', 'chalet-evening'],
  condo: ['flat-evening'],
  cottage: ['cottage'],
  house: ['house', 'chalet'],
  villa: ['villa'],
}
const rooms: readonly Drawing[] = ['living-room', 'bedroom']
const views = { alps: ['mountains', 'lake'], coast: ['sea'] } as const

/** One of the house, and one or two of a room and the view. */
function drawingsOf({ property_type, latitude }: Property, n: number): Drawing[] {
  const is_coast = (latitude ?? 0) > 50
  const houses =
    is_coast && property_type !== 'apartment' ? (['thatched'] as const) : (outsides[property_type] ?? ['flat'])
  const pick = <T>(from: readonly T[], turn: number): T[] => from.slice(turn % from.length, (turn % from.length) + 1)
  const view = pick<Drawing>(views[is_coast ? 'coast' : 'alps'], n)
  return [...pick<Drawing>(houses, n), ...pick(rooms, n), ...(n % 3 === 0 ? view : [])]
}

/** Stores the files, and then adds the pictures, which need no job: their sizes are part of the project. */
export async function addPictures({ db, media }: DemoStores, actor: Actor, homes: readonly Property[]): Promise<void> {
  const pictures = homes.flatMap((home, n) =>
    drawingsOf(home, n).map((drawing, index) => ({
      drawing,
      row: {
        ...{ id: randomUUIDv7(), property_id: home.id, position: index + 1, alt_text: texts[drawing] },
        ...{ status: 'ready', media_key: newMediaKey(), version: 1, ...drawn },
      },
    })),
  )
  const { agency_id } = actor
  const fileOf = createFileReader()
  const storing = pictures.flatMap(({ drawing, row: { media_key } }) =>
    sizeNames.map(async (size) =>
      media.put(sizeKey({ agency_id, media_key }, size), await fileOf(`${drawing}-${size}.webp`)),
    ),
  )
  await settleAll(...storing)
  await db.tenantTx(actor, (tx) =>
    insertPictures(
      tx,
      pictures.map(({ row }) => row),
    ),
  )
}

interface PictureRow {
  readonly id: string
  readonly property_id: string
  readonly position: number
  readonly alt_text: string
  readonly version: number
}

async function insertPictures(tx: Tx, rows: readonly PictureRow[]): Promise<void> {
  await tx.query(sql`
    insert into property_photos (agency_id, id, property_id, position, alt_text, status, media_key, width, height)
    select ${tx.agency_id}, r.id, r.property_id, r.position, r.alt_text, r.status, r.media_key, r.width, r.height
    from ${recordset('property_photos', rows)}`)
  recordAudits(
    tx,
    rows.map((row) => ({
      ...photoEntry('photo.added', row),
      after: { position: row.position, alt_text: row.alt_text },
    })),
  )
}

/** Reads each file once: a drawing is the picture of several homes. */
function createFileReader(): (name: string) => Promise<Buffer> {
  const files = new Map<string, Promise<Buffer>>()
  return (name) => {
    const file = files.get(name) ?? readFile(join(folder, name))
    files.set(name, file)
    return file
  }
}
