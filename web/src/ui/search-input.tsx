// A text field that filters a list a moment after somebody has typed.
import { useLingui } from '@lingui/react/macro'
import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'

interface Props {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
}

const delay_ms = 250

export function SearchInput({ label, value, onChange }: Props) {
  const { t } = useLingui()
  const [text, setText] = useState(value)
  const report = useDebouncedCallback((next: string) => onChange(next.trim()), delay_ms)
  function change(next: string): void {
    setText(next)
    report(next)
  }
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      w={220}
      maxLength={100}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      rightSection={text !== '' && <CloseButton size="sm" aria-label={t`Clear`} onClick={() => change('')} />}
    />
  )
}
