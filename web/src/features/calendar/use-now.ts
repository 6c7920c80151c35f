// The time, once a second while something counts down.
import { useEffect, useState } from 'react'

export function useNow(is_counting: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!is_counting) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [is_counting])
  return now
}
