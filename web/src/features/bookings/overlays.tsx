// What is open over a page: booking, block, hold, or a form for a new one (shell/overlays.ts).
import { useOverlay } from '../../shell/overlays.ts'
import { BlockDrawer } from '../availability/block-drawer.tsx'
import { NewBlock } from '../availability/new-block.tsx'
import { HoldDrawer } from '../holds/hold-drawer.tsx'
import { BookingDrawer } from './drawer/booking-drawer.tsx'
import { NewBooking } from './new-booking/new-booking.tsx'

export function Overlays() {
  const { over, id, homes, from_day, to_day } = useOverlay()
  const draft = { property_ids: homes?.split(',') ?? [], check_in: from_day ?? '', check_out: to_day ?? '' }
  if (over === 'booking' && id !== undefined) return <BookingDrawer key={id} id={id} />
  if (over === 'block' && id !== undefined) return <BlockDrawer key={id} id={id} />
  if (over === 'hold' && id !== undefined) return <HoldDrawer key={id} id={id} />
  if (over === 'new_booking') return <NewBooking draft={draft} />
  if (over === 'new_block') return <NewBlock draft={draft} />
  return null
}
