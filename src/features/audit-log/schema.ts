// Wire shapes of the audit log.
import { type Static, Type } from 'typebox'
import { actorKinds } from '../../core/auth/actors.ts'
import { roles } from '../../core/auth/permissions.ts'
import { Id, nullable, Page, pageQuery, strictObject, Timestamp, text } from '../../http/schema.ts'

const Columns = nullable(
  Type.Object(
    {},
    {
      additionalProperties: true,
      description:
        'The changed columns and their values; a long value is {"digest": "sha256:…", "length": characters}.',
    },
  ),
)

export const AuditEntry = strictObject(
  {
    id: Id,
    created_at: Timestamp,
    request_id: nullable(Type.String()),
    actor_id: nullable(Id),
    actor_kind: Type.Enum(actorKinds),
    actor_name: nullable(Type.String()),
    actor_role: Type.Enum([...roles, 'operator']),
    action: Type.String({ examples: ['booking.created'] }),
    entity_type: Type.String(),
    entity_id: Id,
    before: Columns,
    after: Columns,
    seal: nullable(
      strictObject(
        {
          seq: Type.Integer({ description: 'The position in the chain of the agency.' }),
          chain_hash: Type.String({ description: 'SHA-256 over the chain up to this entry, in hex.' }),
        },
        { description: 'null until the entry is sealed, within seconds.' },
      ),
    ),
  },
  { title: 'AuditEntry' },
)
export type AuditEntry = Static<typeof AuditEntry>

export const AuditPage = Page(AuditEntry)

const filters = {
  entity_type: Type.Optional(text(40, 1)),
  entity_id: Type.Optional(Id),
  actor_id: Type.Optional(Id),
  action: Type.Optional(text(80, 1, { description: 'booking.cancelled, or booking. as a prefix.' })),
  request_id: Type.Optional(text(64, 1)),
  created_from: Type.Optional(Timestamp),
  created_to: Type.Optional(Timestamp),
}

export const AuditFilter = strictObject(filters)
export type AuditFilter = Static<typeof AuditFilter>

export const AuditQuery = strictObject({ ...pageQuery, ...filters })
export type AuditQuery = Static<typeof AuditQuery>
