// Whether a stay can be booked, as the server says, while somebody chooses it.

import { useLingui } from '@lingui/react/macro'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import { explainSentence } from './explain.ts'

interface Stay {
  readonly property_id: string | undefined
  readonly check_in: string
  readonly check_out: string
}

export interface StayVerdict {
  /** Undefined while it is not known. */
  readonly is_possible: boolean | undefined
  /** Why not. */
  readonly text: string | undefined
}

const unknown: StayVerdict = { is_possible: undefined, text: undefined }

export function useStayVerdict({ property_id, check_in, check_out }: Stay): StayVerdict {
  const { i18n } = useLingui()
  const [asked] = useDebouncedValue(`${property_id} ${check_in} ${check_out}`, 200)
  const is_complete = property_id !== undefined && check_in !== '' && check_out > check_in
  const is_current = asked === `${property_id} ${check_in} ${check_out}`
  const { data } = useQuery({
    queryKey: ['availability', 'explain', property_id, check_in, check_out],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/availability/explain', {
          params: { query: { property_id: property_id ?? '', check_in, check_out } },
          signal,
        }),
      ),
    enabled: is_complete && is_current,
    staleTime: 3000,
  })
  if (!is_complete || !is_current || data === undefined) return unknown
  return { is_possible: data.is_bookable, text: explainSentence(i18n, data) }
}
