// The steps of an import: a file is chosen, previewed with its options, and imported.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../../api/errors.ts'
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
  const client = useQueryClient()
  const [file, setFile] = useState<File>()
  const [options, setOptions] = useState<Options>(first)
  const [progress, setProgress] = useState<Progress>()
  const running = useRef<AbortController>(undefined)
  const { data, error, isPending, mutate, reset, variables } = useMutation({
    mutationFn: async ({ file, options, is_preview }: { file: File; options: Options; is_preview: boolean }) => {
      running.current?.abort()
      const controller = new AbortController()
      running.current = controller
      setProgress(undefined)
      return sendFile({ file, options, is_preview, onProgress: setProgress, signal: controller.signal })
    },
    onSuccess: ({ dry_run }) => (dry_run ? undefined : client.invalidateQueries()),
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
  useEffect(() => () => running.current?.abort(), [])
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
    stop: () => running.current?.abort(),
    restart: () => {
      running.current?.abort()
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

/** The browser asks before the page is left: that stops the import. */
function useWarning(is_importing: boolean): void {
  useEffect(() => {
    if (!is_importing) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [is_importing])
}
