// Triggers for errors of malformed requests, of authentication and of members.
import { randomUUID } from 'node:crypto'
import type { HttpReply } from './caller.ts'
import { anonymously, asReader, type TestEnvironment, type Triggers, withAgency } from './environment.ts'
import { exchangeAt } from './raw-socket.ts'

/** Has the length of a refresh or invitation token. */
const unknown_token = 'x'.repeat(43)
const json = { 'content-type': 'application/json' }

async function sendRaw({ origin }: TestEnvironment, text: string): Promise<HttpReply> {
  const { replies } = await exchangeAt(origin, { parts: [text] })
  if (replies[0] === undefined) throw new Error('the connection was closed without a reply')
  return replies[0]
}

function rawGet({ origin }: TestEnvironment, headers = ''): string {
  return `GET /health/live HTTP/1.1\r\nHost: ${origin.hostname}\r\n${headers}\r\n`
}

/** An account that does not exist. It is new each time, so sign-in limits of earlier runs do not apply. */
const unknownAccount = () => ({ email: `${randomUUID()}@roost.invalid`, password: 'no password of anybody' })

/** One sign-in more than an account may try from one address in a quarter of an hour. */
async function exceedSignInLimit({ anonymous }: TestEnvironment): Promise<HttpReply> {
  const account = unknownAccount()
  let reply = await anonymous.post('auth/login', account)
  for (let tries = 1; tries <= 10 && reply.status === 401; tries += 1)
    reply = await anonymous.post('auth/login', account)
  return reply
}

const malformed: Triggers = {
  BAD_REQUEST: [anonymously((environment) => sendRaw(environment, 'GARBAGE\r\n\r\n'))],
  MALFORMED_JSON: [anonymously(({ anonymous }) => anonymous.request('POST', 'auth/login', '{"email":', json))],
  ROUTE_NOT_FOUND: [anonymously(({ anonymous }) => anonymous.get('castles'))],
  METHOD_NOT_ALLOWED: [anonymously(({ anonymous }) => anonymous.request('PUT', 'properties', {}))],
  REQUEST_TIMEOUT: [anonymously((environment) => sendRaw(environment, rawGet(environment).slice(0, 20)))],
  PAYLOAD_TOO_LARGE: [
    anonymously(({ anonymous }) =>
      anonymous.post('auth/login', { email: 'a@roost.invalid', password: 'x'.repeat(2 ** 12) }),
    ),
  ],
  URI_TOO_LONG: [anonymously(({ anonymous }) => anonymous.get(`properties/${'x'.repeat(2000)}`))],
  UNSUPPORTED_MEDIA_TYPE: [
    anonymously(({ anonymous }) => anonymous.request('POST', 'auth/login', '<login/>', { 'content-type': 'text/xml' })),
  ],
  EXPECTATION_FAILED: [anonymously((environment) => sendRaw(environment, rawGet(environment, 'Expect: the-best\r\n')))],
  HEADERS_TOO_LARGE: [
    anonymously((environment) => sendRaw(environment, rawGet(environment, `A: ${'x'.repeat(17_000)}\r\n`))),
  ],
  VALIDATION_ERROR: [anonymously(({ anonymous }) => anonymous.post('auth/login', { email: 5, colour: 'red' }))],
  CURSOR_INVALID: [asReader((reader) => reader.get('properties?cursor=made.up'))],
  RATE_LIMITED: [anonymously(exceedSignInLimit)],
}

const authentication: Triggers = {
  AUTH_REQUIRED: [anonymously(({ anonymous }) => anonymous.get('properties'))],
  TOKEN_INVALID: [anonymously(({ bearing }) => bearing('not.a.token').get('properties'))],
  TOKEN_EXPIRED: [withAgency(({ expired_token }, { bearing }) => bearing(expired_token).get('properties'))],
  LOGIN_FAILED: [
    withAgency(({ staff_email }, { anonymous }) =>
      anonymous.post('auth/login', { ...unknownAccount(), email: staff_email }),
    ),
    anonymously(({ anonymous }) => anonymous.post('auth/login', unknownAccount())),
  ],
  REFRESH_TOKEN_INVALID: [
    anonymously(({ anonymous }) => anonymous.post('auth/refresh', { refresh_token: unknown_token })),
  ],
  SAME_ORIGIN_REQUIRED: [
    anonymously(({ anonymous }) => anonymous.post('auth/refresh', { session: 'cookie' })),
    anonymously(({ anonymous }) => anonymous.post('auth/login', { ...unknownAccount(), session: 'cookie' })),
  ],
  INVITATION_NOT_FOUND: [
    anonymously(({ anonymous }) => anonymous.post('auth/invitations/lookup', { token: unknown_token })),
  ],
  LINK_NOT_FOUND: [
    anonymously(({ anonymous }) => anonymous.post('auth/password-resets/lookup', { token: unknown_token })),
  ],
  AGENCY_REQUIRED: [withAgency(({ bothAgencies }) => bothAgencies.get('properties'))],
  FORBIDDEN: [withAgency(({ staff, property_id }) => staff.delete(`properties/${property_id}`))],
  SESSION_NOT_FOUND: [withAgency(({ admin, property_id }) => admin.delete(`me/sessions/${property_id}`))],
  VIEW_NOT_FOUND: [withAgency(({ admin, property_id }) => admin.delete(`me/views/${property_id}`))],
  MEMBER_NOT_FOUND: [withAgency(({ admin, outsider_id }) => admin.get(`team/${outsider_id}`))],
  LAST_ADMIN: [withAgency(({ admin, admin_id }) => admin.patch(`team/${admin_id}`, { role: 'staff' }))],
}

const imports: Triggers = {
  IMPORT_REFUSED: [
    withAgency(({ admin }) =>
      admin.request('POST', 'imports?kind=bookings', 'neither;of\nthese;columns\n', {
        'content-type': 'application/octet-stream',
      }),
    ),
  ],
}

export const request_triggers: Triggers = { ...malformed, ...authentication, ...imports }
