// The texts of the pages, in German and English.

const de = {
  invitation: 'Einladung annehmen',
  invited: (agency: string, role: string) => `${agency} lädt Sie ein, mit Roost zu arbeiten. Ihre Rolle: ${role}.`,
  email: 'E-Mail-Adresse',
  name: 'Ihr Name',
  password: 'Ihr Passwort',
  knownPassword:
    'Sie haben schon ein Konto mit dieser Adresse. Nehmen Sie die Einladung mit Ihrem bisherigen Passwort an.',
  newPassword: 'Neues Passwort',
  newPasswordRule: '12 bis 256 Zeichen; kein häufiges Passwort, ohne Ihre Adresse und den Namen der Agentur.',
  again: 'Neues Passwort noch einmal',
  hasAccount: 'Ich habe schon ein bestätigtes Konto mit dieser Adresse',
  accept: 'Annehmen',
  joined: (agency: string) => `Sie gehören jetzt zu ${agency}`,
  signInWith: (email: string) => `Sie können sich mit ${email} und Ihrem Passwort anmelden.`,
  reset: 'Neues Passwort setzen',
  resetFor: (email: string) => `Für ${email}. Alle bisherigen Anmeldungen werden beendet.`,
  resetDone: 'Das neue Passwort gilt',
  save: 'Speichern',
  forgotten: 'Passwort vergessen?',
  forgottenIntro: 'Wir senden Ihnen einen Link, mit dem Sie ein neues setzen. Er gilt eine Stunde.',
  notSent: 'Dieser Dienst versendet keine E-Mails.',
  askAdmin:
    'Bitten Sie die Administration Ihrer Agentur um einen Link, mit dem Sie ein neues Passwort setzen. Sie oder der Betreiber des Dienstes kann ihn erstellen.',
  send: 'Link senden',
  requested: 'Der Link ist unterwegs',
  requestedFor:
    'Wenn es ein Konto mit dieser Adresse gibt, kommt in wenigen Minuten eine E-Mail an. Sehen Sie auch im Spam-Ordner nach.',
  badEmail: 'Das ist keine E-Mail-Adresse.',
  confirm: 'Neue E-Mail-Adresse bestätigen',
  confirmFor: (email: string) => `Melden Sie sich künftig mit ${email} an.`,
  confirmButton: 'Adresse bestätigen',
  confirmed: 'Die Adresse ist bestätigt',
  gone: 'Dieser Link gilt nicht mehr',
  goneText:
    'Er wurde schon verwendet, ist abgelaufen oder wurde durch einen neueren ersetzt. Bitten Sie um einen neuen.',
  wrongPassword: 'Das Passwort ist falsch.',
  different: 'Die beiden Passwörter sind verschieden.',
  badPassword:
    'Wählen Sie ein anderes Passwort: 12 bis 256 Zeichen, kein häufiges, ohne Ihre Adresse und den Namen der Agentur.',
  badName: 'Geben Sie Ihren Namen an, mit höchstens 200 Zeichen.',
  taken: 'Ein anderes Konto hat diese Adresse.',
  tooMany: 'Zu viele Versuche',
  tooManyText: 'Warten Sie eine Viertelstunde und versuchen Sie es dann noch einmal.',
  down: 'Gerade nicht erreichbar',
  downText: 'Versuchen Sie es in einer Minute noch einmal. Der Link gilt weiter.',
}

export type PageTexts = typeof de

const en: PageTexts = {
  invitation: 'Accept the invitation',
  invited: (agency, role) => `${agency} invites you to work in Roost. Your role: ${role}.`,
  email: 'E-mail address',
  name: 'Your name',
  password: 'Your password',
  knownPassword: 'You already have an account with this address. Accept the invitation with your present password.',
  newPassword: 'New password',
  newPasswordRule: '12 to 256 characters; not a common password, without your address and the name of the agency.',
  again: 'New password once more',
  hasAccount: 'I already have a confirmed account with this address',
  accept: 'Accept',
  joined: (agency) => `You are now a member of ${agency}`,
  signInWith: (email) => `You can sign in with ${email} and your password.`,
  reset: 'Set a new password',
  resetFor: (email) => `For ${email}. All present sessions will end.`,
  resetDone: 'The new password is set',
  save: 'Save',
  forgotten: 'Forgot your password?',
  forgottenIntro: 'We send you a link with which you set a new one. It is valid for an hour.',
  notSent: 'This service sends no e-mails.',
  askAdmin:
    'Ask an admin of your agency for a link with which you set a new password. The admin or the operator of the service can make it.',
  send: 'Send the link',
  requested: 'The link is on its way',
  requestedFor:
    'If there is an account with this address, an e-mail arrives within a few minutes. Also look in the spam folder.',
  badEmail: 'This is not an e-mail address.',
  confirm: 'Confirm your new e-mail address',
  confirmFor: (email) => `You will sign in with ${email} from now on.`,
  confirmButton: 'Confirm the address',
  confirmed: 'The address is confirmed',
  gone: 'This link is no longer valid',
  goneText: 'It was already used, has expired, or was replaced by a newer one. Ask for a new one.',
  wrongPassword: 'The password is wrong.',
  different: 'The two passwords are different.',
  badPassword:
    'Choose another password: 12 to 256 characters, not a common one, without your address and the name of the agency.',
  badName: 'Enter your name, with at most 200 characters.',
  taken: 'Another account has this address.',
  tooMany: 'Too many attempts',
  tooManyText: 'Wait a quarter of an hour, then try again.',
  down: 'Not available at the moment',
  downText: 'Try again in a minute. The link stays valid.',
}

export const texts: Readonly<Record<'de' | 'en', PageTexts>> = { de, en }
