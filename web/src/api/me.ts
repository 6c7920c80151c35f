// Who is signed in, in which agency, and what their role may do.
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { api, bodyOf, type Schema, setAgency } from './client.ts'
import { queryClient } from './query-client.ts'

export type Me = Schema['Me']
export type Permission = string
const agency_key = 'roost.agency'

/** Reads the account, with the agency that was used last in this browser, or else the first one. */
export const meQuery = queryOptions({ queryKey: ['me'], queryFn: readMe, staleTime: 60_000 })

async function readMe(): Promise<Me> {
  const me = await bodyOf(api.GET('/api/v1/me'))
  const remembered = readRemembered()
  const wanted =
    me.agency_id ??
    me.agencies.find((agency) => agency.agency_id === remembered)?.agency_id ??
    me.agencies[0]?.agency_id
  if (wanted === undefined || wanted === me.agency_id) return me
  setAgency(wanted)
  return bodyOf(api.GET('/api/v1/me'))
}

/** Switches to another agency. Everything that was read belongs to the one before. */
export async function switchAgency(id: string): Promise<void> {
  setAgency(id)
  try {
    localStorage.setItem(agency_key, id)
  } catch {
    // Storage is blocked: the choice lasts until the page is closed.
  }
  queryClient.clear()
  await queryClient.fetchQuery(meQuery)
}

function readRemembered(): string | null {
  try {
    return localStorage.getItem(agency_key)
  } catch {
    return null
  }
}

export function useMe(): Me {
  return useSuspenseQuery(meQuery).data
}

/** The agency of the screen; screens below the shell always have one. */
export function useAgency(): Schema['Agency'] {
  const { agencies, agency_id } = useMe()
  const agency = agencies.find((one) => one.agency_id === agency_id)
  if (agency === undefined) throw new Error('the signed-in user has no agency')
  return agency
}

/** Whether the role may do this: `useCan()('bookings:create')`. Scopes: `all`, `own` or `finance`. */
export function useCan(): (permission: Permission) => boolean {
  const { permissions } = useMe()
  return (permission) => permissions[permission] !== undefined
}
