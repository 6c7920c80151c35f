// Bars of one figure beside those of the year before. The table below has the same figures.
import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import classes from '../reports.module.css'

const [width, height, foot, max_groups] = [1100, 220, 34, 24]
/** For the values at the axis. */
const left = 80

interface Bar {
  readonly key: string
  readonly name: string
  /** Below the bars. */
  readonly label: string
  readonly now: number
  readonly before: number
  /** A line across the bars. */
  readonly mark?: number
}

interface Props {
  readonly title: string
  readonly bars: readonly Bar[]
  readonly write: (value: number) => string
  /** The value at the top; the largest one by default. */
  readonly max?: number
  /** What the bars are: by default the title and the year before. */
  readonly legend?: { readonly now: ReactNode; readonly before: ReactNode; readonly mark: ReactNode }
}

export function BarPlot({ title, bars, write, max, legend }: Props) {
  const shown = bars.slice(0, max_groups)
  if (shown.length === 0) return null
  const step = (width - left) / shown.length
  const bar = Math.min(26, step / 3)
  const top = max ?? Math.max(1, ...shown.flatMap(({ now, before, mark = 0 }) => [now, before, mark]))
  const tall = (value: number) => (value / top) * (height - 20)
  return (
    <>
      <svg className={classes.plot} viewBox={`0 0 ${width} ${height + foot}`} role="img" aria-label={title}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line
              className={classes.axis}
              x1={0}
              x2={width}
              y1={height - tall(share * top)}
              y2={height - tall(share * top)}
            />
            {share > 0 && (
              <text x={0} y={height - tall(share * top) - 4}>
                {write(Math.round(share * top))}
              </text>
            )}
          </g>
        ))}
        {shown.map(({ key, name, label, now, before, mark }, n) => {
          const x = left + n * step + step / 2
          return (
            <g key={key}>
              <title>{`${name}: ${write(now)} (${write(before)})`}</title>
              <rect
                className={classes.before}
                x={x - bar}
                y={height - tall(before)}
                width={bar}
                height={tall(before)}
                rx={2}
              />
              <rect className={classes.now} x={x} y={height - tall(now)} width={bar} height={tall(now)} rx={2} />
              {mark !== undefined && (
                <line
                  className={classes.mark}
                  x1={x - bar - 3}
                  x2={x + bar + 3}
                  y1={height - tall(mark)}
                  y2={height - tall(mark)}
                />
              )}
              <text x={x} y={height + 16} textAnchor="middle">
                {shorten(label, Math.floor(step / 7))}
              </text>
            </g>
          )
        })}
      </svg>
      <Legend title={title} is_cut={bars.length > max_groups} legend={legend} />
    </>
  )
}

function Legend({ title, is_cut, legend }: Pick<Props, 'title'> & { is_cut: boolean; legend: Props['legend'] }) {
  return (
    <div className={classes.key}>
      <span>
        <i />
        {legend?.now ?? title}
      </span>
      <span>
        <i data-before />
        {legend?.before ?? <Trans>Year before</Trans>}
      </span>
      {legend !== undefined && (
        <span>
          <i data-mark />
          {legend.mark}
        </span>
      )}
      {is_cut && (
        <span>
          <Trans>The plot shows the first {max_groups}; the table has all.</Trans>
        </span>
      )}
    </div>
  )
}

const shorten = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, Math.max(1, length - 1))}…` : text
