// Makes scratch agencies and the people in them, by the same verbs as the operator's own commands.
import type { Role } from '../../../core/auth/permissions.ts'
import type { Database } from '../../../core/postgres/database.ts'
import { createAgency, operatorOf } from '../../../features/agencies/agencies.ts'
import { addMember } from '../../../features/team/team.ts'
import { emailOf, scratch_name, slugOf } from './marks.ts'

/** One entry per agency: who is in it, as what. A name that is in two of them is one person. */
export type Plan = readonly Readonly<Record<string, Role>>[]

export interface Person {
  readonly user_id: string
  readonly email: string
}

export interface ScratchAgency {
  readonly id: string
  readonly slug: string
}

export interface Scratch {
  readonly run: string
  /** As many as the plan has entries, in its order. */
  readonly agencies: readonly ScratchAgency[]
  /** By the names of the plan. None of them has a password: only a token lets them in. */
  readonly people: Readonly<Record<string, Person>>
}

export async function makeScratch(db: Database, run: string, plan: Plan): Promise<Scratch> {
  const agencies: ScratchAgency[] = []
  const people: Record<string, Person> = {}
  for (const [index, members] of plan.entries()) {
    const { id, slug } = await createAgency(db, { name: scratch_name, slug: slugOf(run, index + 1) })
    agencies.push({ id, slug })
    for (const [who, role] of Object.entries(members)) {
      const { user_id, email } = await addMember(db, operatorOf(id), { email: emailOf(run, who), role, full_name: who })
      people[who] = { user_id, email }
    }
  }
  return { run, agencies, people }
}

/** The person the plan has under this name. */
export function personOf({ people }: Scratch, who: string): Person {
  const person = people[who]
  if (person === undefined) throw new Error(`the plan names no ${who}`)
  return person
}
