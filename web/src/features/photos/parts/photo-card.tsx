// One picture with its text and its steps: forward, back, delete. It can be dragged to another position.
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Button, Group, Popover, Text, TextInput } from '@mantine/core'
import { IconArrowLeft, IconArrowRight, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import classes from '../photos.module.css'
import { Picture } from '../picture.tsx'
import type { Photo } from '../queries.ts'
import type { usePhotos } from '../use-photos.ts'

interface Props extends Pick<ReturnType<typeof usePhotos>, 'move' | 'describe' | 'remove'> {
  readonly photo: Photo
  readonly num_photos: number
  readonly may_change: boolean
  /** The picture that is being dragged. */
  readonly dragged: Photo | undefined
  readonly onDrag: (id: string | undefined) => void
}

export function PhotoCard(props: Props) {
  const { photo, may_change, dragged, onDrag, move } = props
  const [is_over, setOver] = useState(false)
  const is_target = dragged !== undefined && dragged.id !== photo.id
  return (
    <li className={classes.card} data-dragged={dragged?.id === photo.id || undefined}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons below move it without dragging. */}
      <div
        className={classes.frame}
        draggable={may_change}
        data-target={(is_target && is_over) || undefined}
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = 'move'
          onDrag(photo.id)
        }}
        onDragEnd={() => onDrag(undefined)}
        onDragOver={(event) => {
          if (!is_target) return
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          if (is_target) move.mutate({ photo: dragged, position: photo.position })
          onDrag(undefined)
        }}
      >
        <Picture photo={photo} sizes="(max-width: 480px) 100vw, 320px" />
        {photo.position === 1 && (
          <span className={classes.cover}>
            <Trans>Cover</Trans>
          </span>
        )}
      </div>
      {may_change ? <PhotoSteps {...props} /> : <Text c="dimmed">{photo.alt_text}</Text>}
    </li>
  )
}

function PhotoSteps({ photo, num_photos, move, describe, remove }: Props) {
  const { t } = useLingui()
  const { position } = photo
  const [text, setText] = useState<string>()
  function save(): void {
    const alt_text = text === undefined || text.trim() === '' ? null : text.trim()
    if (text !== undefined && alt_text !== photo.alt_text) describe.mutate({ photo, alt_text })
    setText(undefined)
  }
  return (
    <>
      <TextInput
        size="xs"
        maxLength={300}
        aria-label={t`What picture ${position} shows`}
        placeholder={t`What the picture shows`}
        value={text ?? photo.alt_text ?? ''}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
      />
      <div className={classes.steps}>
        <Step
          label={t`Move picture ${position} forward`}
          is_off={position === 1}
          run={() => move.mutate({ photo, position: position - 1 })}
        >
          <IconArrowLeft size={16} aria-hidden />
        </Step>
        <Step
          label={t`Move picture ${position} back`}
          is_off={position === num_photos}
          run={() => move.mutate({ photo, position: position + 1 })}
        >
          <IconArrowRight size={16} aria-hidden />
        </Step>
        <DeleteStep label={t`Delete picture ${position}`} run={() => remove.mutate(photo)} />
      </div>
    </>
  )
}

interface StepProps {
  readonly label: string
  readonly is_off: boolean
  readonly run: () => void
  readonly children: ReactNode
}

function Step({ label, is_off, run, children }: StepProps) {
  return (
    <ActionIcon variant="default" aria-label={label} title={label} disabled={is_off} onClick={run}>
      {children}
    </ActionIcon>
  )
}

/** Asks first: a deleted picture does not come back. */
function DeleteStep({ label, run }: { readonly label: string; readonly run: () => void }) {
  const [is_open, setOpen] = useState(false)
  return (
    <Popover opened={is_open} onChange={setOpen} position="top-end" withArrow trapFocus>
      <Popover.Target>
        <ActionIcon variant="default" aria-label={label} title={label} onClick={() => setOpen((now) => !now)}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" mb={8}>
          <Trans>Delete this picture? It cannot be undone.</Trans>
        </Text>
        <Group gap={8}>
          <Button
            size="xs"
            color="red"
            onClick={() => {
              setOpen(false)
              run()
            }}
          >
            <Trans>Delete</Trans>
          </Button>
          <Button size="xs" variant="default" onClick={() => setOpen(false)}>
            <Trans>Keep</Trans>
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  )
}
