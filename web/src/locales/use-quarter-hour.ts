// The current time in quarters of an hour: in every time zone a day begins with one.
import { useEffect, useState } from 'react'

const quarter_ms = 15 * 60_000
const check_ms = 10_000

const quarterNow = (): number => Math.floor(Date.now() / quarter_ms) * quarter_ms

/** The begin of the current quarter of an hour, in ms since 1970. A page that stays open is rendered again with the next one. */
export function useQuarterHour(): number {
  const [quarter, setQuarter] = useState(quarterNow)
  useEffect(() => {
    const timer = setInterval(() => setQuarter(quarterNow()), check_ms)
    return () => clearInterval(timer)
  }, [])
  return quarter
}
