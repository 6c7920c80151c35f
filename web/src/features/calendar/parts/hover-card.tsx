// The facts of a bar, while the pointer rests on it.
import { Plural, useLingui } from '@lingui/react/macro'
import { dateOf, useDays } from '../../../locales/days.ts'
import { useMoney } from '../../../locales/money.ts'
import { usePaymentName } from '../../../ui/payment-names.ts'
import { useSourceName } from '../../../ui/sources.ts'
import { StatusMark } from '../../../ui/status-mark.tsx'
import type { Bar } from '../bars.ts'
import { useBarTitle } from '../names.ts'
import classes from './hover-card.module.css'

export interface Hovered {
  readonly bar: Bar
  readonly x: number
  readonly y: number
}

export function HoverCard({ hovered }: { readonly hovered: Hovered | undefined }) {
  const { t } = useLingui()
  const barTitle = useBarTitle()
  const sourceName = useSourceName()
  const paymentName = usePaymentName()
  const money = useMoney()
  const days = useDays()
  if (hovered === undefined) return null
  const { bar, x, y } = hovered
  const { total_cents, paid_cents, currency, source, status, payment_status, reference, num_guests, nights } = bar
  const stay = days.stay(dateOf(bar.first_day), dateOf(bar.first_day + nights))
  const is_low = y > window.innerHeight - 190
  const style = {
    left: Math.min(x, window.innerWidth - 290),
    ...(is_low ? { bottom: window.innerHeight - y + 30 } : { top: y + 8 }),
  }
  return (
    <div className={classes.card} style={style} aria-hidden>
      <div className={classes.title}>
        {barTitle(bar, Date.now())} {status !== undefined && <StatusMark status={status} />}
      </div>
      {bar.kind === 'conflict' && <div className={classes.warning}>{t`A channel has sold nights that are taken.`}</div>}
      <div>{stay}</div>
      <div className="dim">
        <Plural value={nights} one="# night" other="# nights" />
        {num_guests !== undefined && (
          <>
            {' · '}
            <Plural value={num_guests} one="# person" other="# people" />
          </>
        )}
        {source !== undefined && ` · ${sourceName(source)}`}
        {reference !== undefined && ` · ${reference}`}
      </div>
      {total_cents !== undefined && currency !== undefined && (
        <div className={classes.money}>
          <span>{money(total_cents, currency)}</span>
          <span className="dim">
            {payment_status !== undefined && paymentName(payment_status)}
            {paid_cents !== undefined && paid_cents < total_cents && payment_status !== 'external' && (
              <> · {t`open ${money(total_cents - paid_cents, currency)}`}</>
            )}
          </span>
        </div>
      )}
    </div>
  )
}
