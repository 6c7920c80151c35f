// Creates the test agency of a run: its properties, and a caller for each of its people.
import type { Config } from '../../../config.ts'
import { createTokens, type Tokens } from '../../../core/auth/tokens.ts'
import { CommandError } from '../../context.ts'
import { findMember, type Scratch } from '../scratch-agency/creation.ts'
import { callerOn } from './caller.ts'
import type { TestAgency } from './environment.ts'
import type { Origin } from './raw-socket.ts'

/** Members of the two scratch agencies, by the names that the triggers use. */
export const members = [
  { admin: 'admin', manager: 'manager', staff: 'staff', bothAgencies: 'staff' },
  { outsider: 'admin', bothAgencies: 'manager' },
] as const

/** User ids of the people in two agencies, and a property of each agency. */
export interface AgencyIds
  extends Pick<TestAgency, 'agency_id' | 'staff_email' | 'property_id' | 'foreign_property_id'> {
  readonly admin: string
  readonly manager: string
  readonly staff: string
  readonly bothAgencies: string
  readonly outsider: string
}

/** The test agency with a token for each person, valid for an hour. */
export async function testAgencyOf(
  origin: Origin,
  config: Config,
  tokens: Tokens,
  ids: AgencyIds,
): Promise<TestAgency> {
  const { agency_id, staff_email, property_id, foreign_property_id } = ids
  const as = async (user_id: string) => callerOn(origin, (await tokens.issue({ user_id })).token)
  const { jwt_secret: secret, jwt_issuer: issuer, jwt_audience: audience } = config
  const twoHoursAgo = createTokens({ secret, issuer, audience }, () => Date.now() - 2 * 3600 * 1000)
  return {
    admin: await as(ids.admin),
    manager: await as(ids.manager),
    staff: await as(ids.staff),
    bothAgencies: await as(ids.bothAgencies),
    expired_token: (await twoHoursAgo.issue({ user_id: ids.manager })).token,
    admin_id: ids.admin,
    manager_id: ids.manager,
    outsider_id: ids.outsider,
    ...{ agency_id, staff_email, property_id, foreign_property_id },
  }
}

/** Creates a property in both scratch agencies, through the API. Throws CommandError when the API refuses. */
export async function createProperties(scratch: Scratch, origin: Origin, tokens: Tokens): Promise<AgencyIds> {
  const idOf = (who: string) => findMember(scratch, who).user_id
  const createProperty = async (who: string) => {
    const property = { name: 'Scratch property', property_type: 'house', max_guests: 4 }
    const { token } = await tokens.issue({ user_id: idOf(who) })
    const { status, text } = await callerOn(origin, token).post('properties', property)
    if (status !== 201) {
      throw new CommandError(`the API did not create a property in the scratch agency: ${status} ${text}`)
    }
    return (JSON.parse(text) as { id: string }).id
  }
  return {
    agency_id: scratch.agencies[0]?.id ?? '',
    admin: idOf('admin'),
    manager: idOf('manager'),
    staff: idOf('staff'),
    bothAgencies: idOf('bothAgencies'),
    outsider: idOf('outsider'),
    staff_email: findMember(scratch, 'staff').email,
    property_id: await createProperty('manager'),
    foreign_property_id: await createProperty('outsider'),
  }
}
