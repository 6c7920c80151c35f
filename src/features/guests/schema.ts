// Wire shapes of a guest.
import { type Static, Type } from 'typebox'
import { strictObject, text } from '../../http/schema.ts'

export const NewGuest = strictObject({
  first_name: text(100, 1),
  last_name: text(100, 1),
  email: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
  phone: Type.Optional(Type.String({ pattern: '^\\+?[0-9 ()./-]{7,30}$', description: '7 to 15 digits.' })),
})
export type NewGuest = Static<typeof NewGuest>
