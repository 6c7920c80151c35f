// While a page loads. It appears late, so that fast answers do not flicker.
import { useLingui } from '@lingui/react/macro'
import { Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import classes from './states.module.css'

export function PageLoading() {
  const { t } = useLingui()
  const [is_late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return <div className={classes.loading}>{is_late && <Loader size="sm" type="dots" aria-label={t`Loading`} />}</div>
}
