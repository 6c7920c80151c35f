// Wire shapes of signing in and of GET /me.
import { Type } from 'typebox'
import { roles } from '../../core/auth.ts'
import { Id, nullable, strictObject, text } from '../../http/schema.ts'

export const Login = strictObject(
  {
    email: text(254, 3),
    password: text(256, 1),
  },
  { examples: [{ email: 'admin@alps.example', password: 'roost-demo' }] },
)

export const Token = strictObject({
  token: Type.String({ description: 'Send it as Authorization: Bearer <token>.' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
})

const Agency = strictObject({
  agency_id: Id,
  agency_name: Type.String(),
  agency_slug: Type.String(),
  role: Type.Enum(roles),
})

export const Me = strictObject({
  user: strictObject({ id: Id, email: Type.String(), full_name: Type.String() }),
  agencies: Type.Array(Agency),
  agency_id: nullable(Id),
  role: nullable(Type.Enum(roles)),
  permissions: Type.Record(Type.String(), Type.Enum(['all', 'own', 'finance']), {
    description: 'What the role may do in this agency, and on which rows; empty until an agency is chosen.',
  }),
})
