// The price of a booking as lines, what was paid, and what is open.
import { Trans, useLingui } from '@lingui/react/macro'
import { Alert, Button, Group, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { errorSentence } from '../../../api/errors.ts'
import { useCan } from '../../../api/me.ts'
import { parseMoney, useMoney } from '../../../locales/money.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { usePaymentName } from '../../../ui/payment-names.ts'
import { type Booking, changes, useBookingChange } from '../queries.ts'
import classes from './drawer.module.css'

export function MoneyTab({ booking }: { readonly booking: Booking }) {
  const can = useCan()
  const paymentName = usePaymentName()
  const { total_cents, payment_status, paid_cents, refund_cents, subtotal_cents, cleaning_fee_cents, tax_cents } =
    booking
  const open_cents = openBalance(booking)
  return (
    <>
      <dl className={classes.lines}>
        {subtotal_cents !== undefined && <Line booking={booking} cents={subtotal_cents} name={<Trans>Nights</Trans>} />}
        {hasAmount(cleaning_fee_cents) && (
          <Line booking={booking} cents={cleaning_fee_cents} name={<Trans>Cleaning</Trans>} />
        )}
        {hasAmount(tax_cents) && <Line booking={booking} cents={tax_cents} name={<Trans>Taxes</Trans>} />}
        <Line booking={booking} cents={total_cents} name={<Trans>Total</Trans>} is_total />
        {hasAmount(paid_cents) && <Line booking={booking} cents={-paid_cents} name={<Trans>Paid</Trans>} />}
        {hasAmount(refund_cents) && <Line booking={booking} cents={refund_cents} name={<Trans>Refunded</Trans>} />}
      </dl>
      {open_cents > 0 ? (
        <Open booking={booking} cents={open_cents} />
      ) : (
        <p className="dim">{paymentName(payment_status)}</p>
      )}
      {can('bookings:update') && paid_cents !== undefined && <Payment booking={booking} />}
    </>
  )
}

const hasAmount = (cents: number | null | undefined): cents is number => typeof cents === 'number' && cents !== 0

/** What the agency still gets: nothing where the channel collects, or when the stay is off. */
function openBalance({ total_cents, paid_cents, payment_status, status }: Booking): number {
  const is_off = status === 'cancelled' || status === 'declined' || status === 'no_show'
  if (is_off || payment_status === 'external' || payment_status === 'paid' || paid_cents === undefined) return 0
  return Math.max(0, total_cents - (paid_cents ?? 0))
}

interface LineProps {
  readonly booking: Booking
  readonly name: ReactNode
  readonly cents: number
  readonly is_total?: boolean
}

function Line({ booking, name, cents, is_total = false }: LineProps) {
  const money = useMoney()
  return (
    <div className={`${classes.line} ${is_total ? classes.total : ''}`}>
      <dt>{name}</dt>
      <dd className="amount" style={{ margin: 0 }}>
        {money(cents, booking.currency)}
      </dd>
    </div>
  )
}

function Open({ booking, cents }: { readonly booking: Booking; readonly cents: number }) {
  const money = useMoney()
  return (
    <div className={classes.open}>
      <span>
        <Trans>Open</Trans>
      </span>
      <span className="amount">{money(cents, booking.currency)}</span>
    </div>
  )
}

/** Adds an amount to what was paid. */
function Payment({ booking }: { readonly booking: Booking }) {
  const { i18n, t } = useLingui()
  const money = useMoney()
  const [text, setText] = useState('')
  const save = useBookingChange((paid_cents: number) => changes.update(booking, { paid_cents }))
  const cents = parseMoney(text, booking.currency)
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (cents === undefined) return
    const before = booking.paid_cents ?? 0
    const after = await save.mutateAsync(before + cents).catch(() => undefined)
    if (after === undefined) return
    setText('')
    const amount = money(cents, booking.currency)
    offerUndo({
      text: t`Payment recorded: ${amount}`,
      undo: () => changes.update(after, { paid_cents: before }),
    })
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group gap="xs" align="end" wrap="nowrap">
        <TextInput
          label={<Trans>Record a payment ({booking.currency})</Trans>}
          inputMode="decimal"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={text !== '' && cents === undefined && <Trans>Not an amount</Trans>}
        />
        <Button type="submit" loading={save.isPending} disabled={cents === undefined || cents === 0}>
          <Trans>Record</Trans>
        </Button>
      </Group>
      {save.error !== null && (
        <Alert color="red" mt="xs" p="xs">
          {errorSentence(i18n, save.error)}
        </Alert>
      )}
    </form>
  )
}
