// The command palette: finds pages, actions, bookings, guests and homes by what somebody types.

import { useLingui } from '@lingui/react/macro'
import { Modal, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { closePalette } from '../../shell/palette-state.ts'
import { type Command, useCommands, useFoundCommands } from './commands.ts'
import classes from './palette.module.css'

const min_characters = 2

export function Palette() {
  const { i18n, t } = useLingui()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [q] = useDebouncedValue(text.trim(), 150)
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    queryKey: ['find', q],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/find', { params: { query: { q, limit: 6 } }, signal })),
    enabled: q.length >= min_characters,
    placeholderData: (before) => before,
  })
  const commands = useCommands(text)
  const found = useFoundCommands(text.trim().length >= min_characters ? data : undefined)
  // What is shown belongs to an earlier text until the answer comes: Enter waits for it.
  const is_current = text.trim().length < min_characters || (q === text.trim() && !isPlaceholderData && !isFetching)
  const [is_entered, setEntered] = useState(false)
  const all = [...found, ...commands]
  const active = Math.min(at, all.length - 1)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text begins at the first entry again.
  useEffect(() => {
    setAt(0)
    setEntered(false)
  }, [text])
  useEffect(() => {
    if (is_entered && is_current) run(all[active])
  })

  function run(command: Command | undefined): void {
    if (command === undefined) return
    closePalette()
    command.run()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') setAt((active + 1) % Math.max(1, all.length))
    else if (event.key === 'ArrowUp') setAt((active - 1 + all.length) % Math.max(1, all.length))
    else if (event.key === 'Enter') active > 0 ? run(all[active]) : setEntered(true)
    else return
    event.preventDefault()
  }

  return (
    <Modal
      opened
      onClose={closePalette}
      // The name of the dialog, which is not shown.
      title={<span className="visually-hidden">{t`Find`}</span>}
      styles={{ header: { position: 'absolute', minHeight: 0 } }}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      centered={false}
    >
      <TextInput
        data-autofocus
        size="md"
        classNames={{ input: classes.input }}
        leftSection={<IconSearch size={18} />}
        placeholder={t`Booking, guest, home, page or action`}
        aria-label={t`Find`}
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={all[active] === undefined ? undefined : `palette-${active}`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={classes.list} id="palette-list" role="listbox" aria-label={t`Found`}>
        {all.map((command, n) => (
          <Entry
            key={command.key}
            id={`palette-${n}`}
            command={command}
            group={command.group === all[n - 1]?.group ? undefined : command.group}
            is_active={n === active}
            onRun={() => run(command)}
            onHover={() => setAt(n)}
          />
        ))}
      </div>
      {error !== null && <p className={classes.note}>{errorSentence(i18n, error)}</p>}
      {all.length === 0 && error === null && (
        <p className={classes.note}>{isFetching ? t`Searching …` : t`Nothing found.`}</p>
      )}
    </Modal>
  )
}

interface EntryProps {
  readonly id: string
  readonly command: Command
  readonly group: string | undefined
  readonly is_active: boolean
  readonly onRun: () => void
  readonly onHover: () => void
}

function Entry({ id, command, group, is_active, onRun, onHover }: EntryProps) {
  return (
    <>
      {group !== undefined && (
        <div className={classes.group} role="presentation">
          {group}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the text field has the focus and the keys (ARIA combobox). */}
      <div
        id={id}
        className={classes.entry}
        role="option"
        aria-selected={is_active}
        data-active={is_active || undefined}
        ref={(element) => (is_active ? element?.scrollIntoView({ block: 'nearest' }) : undefined)}
        onClick={onRun}
        onPointerMove={onHover}
      >
        <span className="ellipsis">{command.label}</span>
        {command.detail !== undefined && <span className={`${classes.detail} ellipsis`}>{command.detail}</span>}
      </div>
    </>
  )
}
