// The steps of an import: a file is chosen, previewed with its options, and imported.
import { useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../../api/errors.ts'
import { offerUndo } from '../../shell/undo.ts'
import { type Options, type Progress, type Report, sendFile } from './queries.ts'

export interface ImportState {
  readonly file: File | undefined
  readonly options: Options
  readonly progress: Progress | undefined
  /** Of the preview, or of the import when it has ended. */
  readonly report: Report | undefined
  readonly error: unknown
  readonly is_busy: boolean
  readonly is_importing: boolean
  readonly choose: (file: File) => void
  readonly set: (options: Partial<Options>) => void
  readonly start: () => void
  readonly stop: () => void
  readonly restart: () => void
}

const first: Options = { kind: 'bookings', assign: false }

export function useImport(): ImportState {
  const { t } = useLingui()
  const client = useQueryClient()
  const [file, setFile] = useState<File>()
  const [options, setOptions] = useState<Options>(first)
  const [progress, setProgress] = useState<Progress>()
  const running = useRunning()
  const { data, error, isPending, mutate, reset, variables } = useMutation({
    mutationFn: async ({ file, options, is_preview }: { file: File; options: Options; is_preview: boolean }) => {
      setProgress(undefined)
      return sendFile({ file, options, is_preview, onProgress: setProgress, signal: running.begin(is_preview) })
    },
    onSuccess: ({ dry_run, created, updated }) => {
      if (dry_run) return
      // Also when another page is open by now.
      offerUndo({ text: t`Imported: ${created} new, ${updated} changed.` })
      return client.invalidateQueries()
    },
    onError: (problem, { file, options, is_preview }) => {
      const kind = otherKind(problem)
      if (is_preview && kind !== undefined && kind !== options.kind) preview(file, { ...options, kind })
    },
  })
  function preview(next_file: File | undefined, next: Options): void {
    setOptions(next)
    if (next_file !== undefined) mutate({ file: next_file, options: next, is_preview: true })
  }
  const is_importing = isPending && variables?.is_preview === false
  useWarning(is_importing)
  return {
    file,
    options,
    progress,
    report: isPending && variables?.is_preview ? undefined : data,
    error: isPending ? null : error,
    is_busy: isPending,
    is_importing,
    choose: (chosen) => {
      setFile(chosen)
      preview(chosen, { kind: options.kind, assign: false })
    },
    set: (part) => preview(file, { ...options, ...part }),
    start: () => file !== undefined && mutate({ file, options, is_preview: false }),
    stop: running.stop,
    restart: () => {
      running.stop()
      setFile(undefined)
      setOptions(first)
      reset()
    },
  }
}

/** A file of the other kind is previewed as that. */
function otherKind(problem: unknown): Options['kind'] | undefined {
  const reason = problem instanceof ApiError ? problem.meta.reason : undefined
  return reason === 'has_properties' ? 'properties' : reason === 'has_bookings' ? 'bookings' : undefined
}

/** The browser asks before it leaves the console: that stops the import. */
function useWarning(is_importing: boolean): void {
  useEffect(() => {
    if (!is_importing) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [is_importing])
}

/** What is running: one request at a time. An import goes on while other pages are open; a preview is of no use to them. */
function useRunning() {
  const latest = useRef<{ readonly controller: AbortController; readonly is_preview: boolean }>(undefined)
  useEffect(
    () => () => {
      if (latest.current?.is_preview) latest.current.controller.abort()
    },
    [],
  )
  return {
    stop: () => latest.current?.controller.abort(),
    begin(is_preview: boolean): AbortSignal {
      latest.current?.controller.abort()
      latest.current = { controller: new AbortController(), is_preview }
      return latest.current.controller.signal
    },
  }
}
