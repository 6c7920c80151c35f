// What the feature team declares.
import type { Feature } from '../../http/feature.ts'
import { teamRoutes } from './routes.ts'
import { purgeSessions } from './sessions.ts'

export const team: Feature = {
  name: 'team',
  routes: teamRoutes,
  permissions: ['team:read', 'team:write'],
  errors: [
    'CONFLICT',
    'CURSOR_INVALID',
    'INVITATION_NOT_FOUND',
    'LAST_ADMIN',
    'LOGIN_FAILED',
    'MEMBER_NOT_FOUND',
    'REFRESH_TOKEN_INVALID',
    'VERSION_MISMATCH',
  ],
  events: {
    'invitation.revoked': 'An invitation was revoked or replaced, or its sender may no longer invite.',
    'member.added': 'The operator added a member.',
    'member.address_proven': 'The operator confirmed the e-mail address of an account.',
    'member.deactivated': 'A member was removed.',
    'member.invited': 'A person was invited.',
    'member.joined': 'A person accepted an invitation.',
    'member.reactivated': 'A removed member became active again.',
    'member.role_changed': 'A member has another role.',
    'session.reuse_detected': 'A refresh token of a member was used twice. The session ended.',
  },
  jobs: ({ db, log }) => ({
    'sessions.purge': {
      cron: '17 3 * * *',
      async run(_data, signal) {
        log.info({ purged: await purgeSessions(db, signal) }, 'old ended sessions deleted')
      },
    },
  }),
  tables: ['team_members', 'team_invitations'],
}
