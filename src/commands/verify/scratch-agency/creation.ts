// Creates scratch agencies and their members, with the functions of the operator commands.

import { operatorOf } from '../../../core/auth/actors.ts'
import type { Role } from '../../../core/auth/permissions.ts'
import type { Database } from '../../../core/postgres/database.ts'
import { createAgency } from '../../../features/agencies/agencies.ts'
import { addMember } from '../../../features/team/team.ts'
import { createEmail, createSlug, scratch_name } from './naming.ts'

/** One entry per agency: member name -> role. The same name in two entries is one user. */
export type Plan = readonly Readonly<Record<string, Role>>[]

export interface ScratchMember {
  readonly user_id: string
  readonly email: string
}

interface ScratchAgency {
  readonly id: string
  readonly slug: string
}

export interface Scratch {
  readonly run: string
  /** In the order of the plan. */
  readonly agencies: readonly ScratchAgency[]
  /** By member name. They have no passwords and use issued tokens. */
  readonly members: Readonly<Record<string, ScratchMember>>
}

export async function createScratch(db: Database, run: string, plan: Plan): Promise<Scratch> {
  const agencies: ScratchAgency[] = []
  const members: Record<string, ScratchMember> = {}
  for (const [index, planned_members] of plan.entries()) {
    const { id, slug } = await createAgency(db, { name: scratch_name, slug: createSlug(run, index + 1) })
    agencies.push({ id, slug })
    for (const [who, role] of Object.entries(planned_members)) {
      const { user_id, email } = await addMember(db, operatorOf(id), {
        email: createEmail(run, who),
        role,
        full_name: who,
      })
      members[who] = { user_id, email }
    }
  }
  return { run, agencies, members }
}

/** Throws when the plan has no member with this name. */
export function findMember({ members }: Scratch, who: string): ScratchMember {
  const member = members[who]
  if (member === undefined) throw new Error(`the plan has no member ${who}`)
  return member
}
