// The e-mails about accounts: invitation, new password, new address, notices.

import type { Role } from '../../core/auth/permissions.ts'
import type { MailParams, MailTemplate, MailTemplates } from '../../core/mail/template.ts'

/** The pages of features/account-pages. */
export const pagePaths = {
  invitation: '/invitations',
  password: '/password-reset',
  email: '/email-confirmation',
} as const

export const roleNames: Readonly<Record<'de' | 'en', Readonly<Record<Role, string>>>> = {
  de: {
    admin: 'Administration',
    manager: 'Leitung',
    staff: 'Mitarbeit',
    owner: 'Eigentümer',
    accountant: 'Buchhaltung',
  },
  en: { admin: 'admin', manager: 'manager', staff: 'staff', owner: 'owner', accountant: 'accountant' },
}

const roleIn = (language: 'de' | 'en', { role }: MailParams) => roleNames[language][role as Role] ?? role ?? ''

const invitation: MailTemplate = {
  path: pagePaths.invitation,
  texts: {
    de: (params) => ({
      subject: `Einladung zu ${params.agency_name}`,
      paragraphs: [
        'Guten Tag,',
        `Sie sind eingeladen, bei ${params.agency_name} mit Roost zu arbeiten. Ihre Rolle: ${roleIn('de', params)}.`,
        'Nehmen Sie die Einladung mit diesem Link an. Er gilt sieben Tage und nur einmal.',
      ],
      button: 'Einladung annehmen',
      after: ['Wenn Sie diese Einladung nicht erwarten, brauchen Sie nichts zu tun.'],
    }),
    en: (params) => ({
      subject: `Invitation to ${params.agency_name}`,
      paragraphs: [
        'Hello,',
        `you are invited to work with ${params.agency_name} in Roost. Your role: ${roleIn('en', params)}.`,
        'Accept the invitation with this link. It is valid for seven days and can be used once.',
      ],
      button: 'Accept the invitation',
      after: ['If you do not expect this invitation, you need not do anything.'],
    }),
  },
}

const passwordReset: MailTemplate = {
  path: pagePaths.password,
  texts: {
    de: () => ({
      subject: 'Neues Passwort für Roost',
      paragraphs: [
        'Guten Tag,',
        'für Ihr Konto wurde ein neues Passwort angefordert. Setzen Sie es mit diesem Link. Er gilt eine Stunde und nur einmal.',
      ],
      button: 'Neues Passwort setzen',
      after: ['Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr bisheriges Passwort gilt weiter.'],
    }),
    en: () => ({
      subject: 'New password for Roost',
      paragraphs: [
        'Hello,',
        'a new password was requested for your account. Set it with this link. It is valid for one hour and can be used once.',
      ],
      button: 'Set a new password',
      after: ['If this was not you, you need not do anything: your password stays as it is.'],
    }),
  },
}

const passwordChanged: MailTemplate = {
  texts: {
    de: () => ({
      subject: 'Ihr Passwort für Roost wurde geändert',
      paragraphs: [
        'Guten Tag,',
        'das Passwort Ihres Kontos wurde geändert. Alle anderen Anmeldungen sind beendet.',
        'Wenn Sie das nicht waren, fordern Sie ein neues Passwort an und sagen Sie es der Administration Ihrer Agentur.',
      ],
    }),
    en: () => ({
      subject: 'Your password for Roost was changed',
      paragraphs: [
        'Hello,',
        'the password of your account was changed. All other sessions have ended.',
        'If this was not you, request a new password and tell an admin of your agency.',
      ],
    }),
  },
}

const emailConfirmation: MailTemplate = {
  path: pagePaths.email,
  texts: {
    de: () => ({
      subject: 'Neue E-Mail-Adresse bestätigen',
      paragraphs: [
        'Guten Tag,',
        'diese Adresse soll die E-Mail-Adresse eines Kontos bei Roost werden. Bestätigen Sie sie mit diesem Link. Er gilt eine Stunde und nur einmal.',
      ],
      button: 'Adresse bestätigen',
      after: ['Wenn Sie das nicht waren, brauchen Sie nichts zu tun.'],
    }),
    en: () => ({
      subject: 'Confirm your new e-mail address',
      paragraphs: [
        'Hello,',
        'this address is to become the e-mail address of an account in Roost. Confirm it with this link. It is valid for one hour and can be used once.',
      ],
      button: 'Confirm the address',
      after: ['If this was not you, you need not do anything.'],
    }),
  },
}

const emailChanged: MailTemplate = {
  texts: {
    de: ({ new_email }) => ({
      subject: 'Ihre E-Mail-Adresse bei Roost wurde geändert',
      paragraphs: [
        'Guten Tag,',
        `die E-Mail-Adresse Ihres Kontos ist jetzt ${new_email}. Melden Sie sich künftig damit an.`,
        'Wenn Sie das nicht waren, sagen Sie es sofort der Administration Ihrer Agentur.',
      ],
    }),
    en: ({ new_email }) => ({
      subject: 'Your e-mail address in Roost was changed',
      paragraphs: [
        'Hello,',
        `the e-mail address of your account is now ${new_email}. Sign in with it from now on.`,
        'If this was not you, tell an admin of your agency at once.',
      ],
    }),
  },
}

const sessionEnded: MailTemplate = {
  texts: {
    de: () => ({
      subject: 'Eine Anmeldung bei Roost wurde beendet',
      paragraphs: [
        'Guten Tag,',
        'ein Anmeldeschlüssel Ihres Kontos wurde zweimal verwendet. Er kann kopiert worden sein, deshalb wurde diese Anmeldung beendet.',
        'Melden Sie sich neu an. Wenn Sie den Grund nicht kennen, ändern Sie Ihr Passwort.',
      ],
    }),
    en: () => ({
      subject: 'A session in Roost was ended',
      paragraphs: [
        'Hello,',
        'a refresh token of your account was used twice. It may have been copied, so its session was ended.',
        'Sign in again. If you do not know the reason, change your password.',
      ],
    }),
  },
}

export const accountMails = {
  invitation,
  password_reset: passwordReset,
  password_changed: passwordChanged,
  email_confirmation: emailConfirmation,
  email_changed: emailChanged,
  session_ended: sessionEnded,
} as const satisfies MailTemplates

/** Seconds for which a link is valid, and for which a notice is sent. */
export const lifetimes = { invitation: 7 * 24 * 3600, link: 3600, notice: 24 * 3600 } as const
