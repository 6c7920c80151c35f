// The occupancy of each group, beside the year before. The table below has the same figures.
import { Trans, useLingui } from '@lingui/react/macro'
import type { Schema } from '../../../api/client.ts'
import classes from '../reports.module.css'
import { usePercent } from './figure-cards.tsx'
import type { Group } from './use-group-name.ts'

const [width, height, foot, max_groups] = [1100, 220, 34, 24]

interface Props {
  readonly report: Schema['Report']
  readonly groupName: (group: Group) => string
  /** The name below the bars. */
  readonly labelOf: (group: Group) => string
}

export function BarPlot({ report: { groups }, groupName, labelOf }: Props) {
  const { t } = useLingui()
  const percent = usePercent()
  const shown = groups.slice(0, max_groups)
  if (shown.length === 0) return null
  const step = width / shown.length
  const bar = Math.min(26, step / 3)
  const tall = (basis_points: number | null) => ((basis_points ?? 0) / 10_000) * (height - 20)
  return (
    <>
      <svg className={classes.plot} viewBox={`0 0 ${width} ${height + foot}`} role="img" aria-label={t`Occupancy`}>
        {[0, 0.5, 1].map((share) => (
          <line
            key={share}
            className={classes.axis}
            x1={0}
            x2={width}
            y1={height - share * (height - 20)}
            y2={height - share * (height - 20)}
          />
        ))}
        {shown.map((group, n) => {
          const x = n * step + step / 2
          const [now, before] = [group.current.occupancy_bp, group.previous.occupancy_bp]
          return (
            <g key={group.key ?? n}>
              <title>{`${groupName(group)}: ${percent(now)} (${percent(before)})`}</title>
              <rect
                className={classes.before}
                x={x - bar}
                y={height - tall(before)}
                width={bar}
                height={tall(before)}
                rx={2}
              />
              <rect className={classes.now} x={x} y={height - tall(now)} width={bar} height={tall(now)} rx={2} />
              <text x={x} y={height + 16} textAnchor="middle">
                {shorten(labelOf(group), Math.floor(step / 7))}
              </text>
            </g>
          )
        })}
      </svg>
      <div className={classes.key}>
        <span>
          <i />
          <Trans>Occupancy</Trans>
        </span>
        <span>
          <i data-before />
          <Trans>Year before</Trans>
        </span>
        {groups.length > max_groups && (
          <span>
            <Trans>The plot shows the first {max_groups}; the table has all.</Trans>
          </span>
        )}
      </div>
    </>
  )
}

const shorten = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, Math.max(1, length - 1))}…` : text
