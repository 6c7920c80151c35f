// Sample requests of the routes in this folder.
import type { Samples } from '../../http/samples.ts'

const not_a_guest = 'a member of the team, not a guest'

export const samples: Samples = {
  'POST /team': {
    request: async (on) => ({ path: 'team', body: { email: `new-${on.unique()}@example.com`, role: 'staff' } }),
    events: ['member.invited'],
    kept: { '/email': not_a_guest, '/full_name': not_a_guest },
  },
  'POST /auth/password-resets': {
    request: async (on) => ({ path: 'auth/password-resets', body: { email: `lost-${on.unique()}@example.com` } }),
    events: [],
    kept: { '/email': 'an address without an account is deleted when the link expires, within 70 minutes' },
  },
  'PATCH /team/:id': {
    request: async (on) => ({ path: `team/${on.member_id}`, body: { role: 'accountant' } }),
    events: ['member.role_changed'],
  },
  'POST /team/password-resets': {
    request: async (on) => ({ path: 'team/password-resets', body: { user_id: on.member_id } }),
    events: ['member.password_reset_requested'],
  },
  'DELETE /team/:id': {
    request: async (on) => ({ path: `team/${on.member_id}` }),
    events: ['member.deactivated'],
  },
  'DELETE /team/invitations/:id': {
    request: async (on) => ({ path: `team/invitations/${await on.make('POST /team')}` }),
    events: ['invitation.revoked'],
  },
}
