// What is open over a page, as a part of its address: a booking, a block, a hold, or a form for a new one.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'

const kinds = ['booking', 'block', 'hold', 'new_booking', 'new_block'] as const
type Kind = (typeof kinds)[number]

/** All are absent when nothing is open. `homes`, `from` and `to` are what a new booking or block begins with. */
export interface OverlaySearch {
  readonly over?: Kind
  /** Of the booking, block or hold. */
  readonly id?: string
  /** Ids of properties, separated by commas. */
  readonly homes?: string
  /** The first night, and the day after the last one: `2027-06-14`. */
  readonly from_day?: string
  readonly to_day?: string
}

const names = ['over', 'id', 'homes', 'from_day', 'to_day'] as const

/** Drops what is unknown or wrong. */
export function readOverlay(given: Record<string, unknown>): OverlaySearch {
  if (!kinds.includes(given.over as Kind)) return {}
  const texts = names.filter((name) => typeof given[name] === 'string').map((name) => [name, given[name]] as const)
  return Object.fromEntries(texts)
}

export interface Draft {
  readonly property_ids?: readonly string[]
  readonly check_in?: string
  readonly check_out?: string
}

/** Opens and closes what is over the page. The page below keeps its own part of the address. */
export function useOverlays() {
  const navigate = useNavigate()
  const show = useCallback(
    (overlay: OverlaySearch, replace: boolean) => {
      void navigate({
        to: '.',
        replace,
        resetScroll: false,
        search: (before: Record<string, unknown>) => ({ ...withoutOverlay(before), ...overlay }),
      } as never)
    },
    [navigate],
  )
  return useMemo(
    () => ({
      openBooking: (id: string) => show({ over: 'booking', id }, false),
      openBlock: (id: string) => show({ over: 'block', id }, false),
      openHold: (id: string) => show({ over: 'hold', id }, false),
      newBooking: (draft: Draft = {}) => show({ over: 'new_booking', ...searchOf(draft) }, false),
      newBlock: (draft: Draft = {}) => show({ over: 'new_block', ...searchOf(draft) }, false),
      close: () => show({}, true),
    }),
    [show],
  )
}

function searchOf({ property_ids = [], check_in, check_out }: Draft): OverlaySearch {
  return {
    ...(property_ids.length > 0 && { homes: property_ids.join(',') }),
    ...(check_in !== undefined && { from_day: check_in }),
    ...(check_out !== undefined && { to_day: check_out }),
  }
}

function withoutOverlay(search: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !names.includes(name as (typeof names)[number])))
}

/** What is open now. */
export function useOverlay(): OverlaySearch {
  return useSearch({ from: '/shell' })
}
