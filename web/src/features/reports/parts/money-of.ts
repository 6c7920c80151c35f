// Amounts of a group by currency, beside those of the year before.
interface Sum {
  readonly currency: string
  readonly revenue_cents: number
}
interface WithMoney<S extends Sum> {
  readonly money: readonly S[]
}

/** Every currency that one of them has, in order. */
export function currenciesOf(figures: readonly WithMoney<Sum>[]): string[] {
  return [...new Set(figures.flatMap(({ money }) => money.map(({ currency }) => currency)))].sort()
}

/** The currency with the largest revenue, of the first figures with revenue; EUR when none has. */
export function mainCurrency(figures: readonly WithMoney<Sum>[]): string {
  const { money } = figures.find(({ money: sums }) => sums.length > 0) ?? { money: [] }
  return money.toSorted((a, b) => b.revenue_cents - a.revenue_cents)[0]?.currency ?? 'EUR'
}

export function sumIn<S extends Sum>({ money }: WithMoney<S>, currency: string): S | undefined {
  return money.find((sum) => sum.currency === currency)
}

/** In minor units; 0 without revenue in the currency. */
export function revenueIn(figures: WithMoney<Sum>, currency: string): number {
  return sumIn(figures, currency)?.revenue_cents ?? 0
}
