// Sample requests of the routes in this folder.
import type { Samples } from '../../http/samples.ts'

const not_a_guest = 'a member of the team, not a guest'

export const samples: Samples = {
  'POST /team': {
    request: async (on) => ({ path: 'team', body: { email: `new-${on.unique()}@example.com`, role: 'staff' } }),
    events: ['member.invited'],
    kept: { '/email': not_a_guest, '/full_name': not_a_guest },
  },
  'PATCH /team/:id': {
    request: async (on) => ({ path: `team/${on.member_id}`, body: { role: 'accountant' } }),
    events: ['member.role_changed'],
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
