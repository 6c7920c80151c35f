// What the feature team declares.
import type { Feature } from '../../http/feature.ts'
import { checkedMails } from './mailed-links.ts'
import { purgeLinks } from './password-resets.ts'
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
    'LINK_NOT_FOUND',
    'LOGIN_FAILED',
    'MEMBER_NOT_FOUND',
    'REFRESH_TOKEN_INVALID',
    'SAME_ORIGIN_REQUIRED',
    'SESSION_NOT_FOUND',
    'VERSION_MISMATCH',
  ],
  events: {
    'invitation.revoked': 'An invitation was revoked or replaced, or its sender may no longer invite.',
    'member.added': 'The operator added a member.',
    'member.address_proven': 'The operator confirmed the e-mail address of an account.',
    'member.deactivated': 'A member was removed.',
    'member.email_changed': 'A member has another e-mail address.',
    'member.invited': 'A person was invited.',
    'member.joined': 'A person accepted an invitation.',
    'member.password_reset': 'A member set a new password with a link.',
    'member.password_reset_requested': 'An admin created a link for the new password of a member.',
    'member.profile_changed': 'A member changed their name or language.',
    'member.reactivated': 'A removed member became active again.',
    'member.role_changed': 'A member has another role.',
    'session.reuse_detected': 'A refresh token of a member was used twice. The session ended.',
  },
  jobs: ({ db, log }) => ({
    'links.purge': {
      cron: '*/10 * * * *',
      async run(_data, signal) {
        log.info({ purged: await purgeLinks(db, signal) }, 'expired links of e-mails deleted')
      },
    },
    'sessions.purge': {
      cron: '17 3 * * *',
      async run(_data, signal) {
        log.info({ purged: await purgeSessions(db, signal) }, 'old ended sessions deleted')
      },
    },
  }),
  mails: checkedMails,
  tables: ['team_members', 'team_invitations'],
}
