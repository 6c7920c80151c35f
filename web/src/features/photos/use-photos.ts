// The pictures of a home, with what can be done to them. Files are uploaded one after the other.
import { useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorSentence } from '../../api/errors.ts'
import { offerUndo } from '../../shell/undo.ts'
import { deletePhoto, type Photo, photosQuery, updatePhoto, uploadPhoto } from './queries.ts'

interface Upload {
  readonly id: number
  readonly name: string
  /** Why the file was refused; undefined while it is uploaded. */
  readonly problem?: string
}

let last_id = 0

export function usePhotos(property_id: string) {
  const { i18n, t } = useLingui()
  const client = useQueryClient()
  const query = photosQuery(property_id)
  const { data, error, refetch } = useQuery(query)
  const [uploads, setUploads] = useState<readonly Upload[]>([])
  const refresh = () => client.invalidateQueries({ queryKey: ['photos'] })
  const fail = (failure: unknown) => offerUndo({ text: errorSentence(i18n, failure) })

  async function add(files: readonly File[]): Promise<void> {
    const waiting = files.map(({ name }) => {
      last_id += 1
      return { id: last_id, name }
    })
    setUploads((now) => [...now, ...waiting])
    for (const [n, file] of files.entries()) {
      const problem = await uploadPhoto(property_id, file).then(
        () => undefined,
        (failure: unknown) => errorSentence(i18n, failure),
      )
      setUploads((now) =>
        now.flatMap((one) => (one.id !== waiting[n]?.id ? [one] : problem === undefined ? [] : [{ ...one, problem }])),
      )
      await refresh()
    }
  }

  const move = useMutation({
    mutationFn: ({ photo, position }: { photo: Photo; position: number }) => updatePhoto(photo, { position }),
    onMutate: async ({ photo, position }) => {
      await client.cancelQueries({ queryKey: query.queryKey })
      client.setQueryData(query.queryKey, (now) => now && moved(now, photo.id, position))
    },
    onSuccess: (after, { photo }) => {
      const undo = () => updatePhoto(after, { position: photo.position }).then(refresh)
      offerUndo({ text: t`The order was changed.`, undo })
    },
    onError: fail,
    onSettled: refresh,
  })
  const describe = useMutation({
    mutationFn: ({ photo, alt_text }: { photo: Photo; alt_text: string | null }) => updatePhoto(photo, { alt_text }),
    onError: fail,
    onSettled: refresh,
  })
  const remove = useMutation({ mutationFn: deletePhoto, onError: fail, onSettled: refresh })
  const forget = (upload: Upload) => setUploads((now) => now.filter(({ id }) => id !== upload.id))
  return { photos: data, error, retry: () => void refetch(), uploads, forget, add, move, describe, remove }
}

/** As the service numbers them. */
function moved(photos: readonly Photo[], id: string, position: number): Photo[] {
  const photo = photos.find((one) => one.id === id)
  if (photo === undefined) return [...photos]
  const others = photos.filter((one) => one.id !== id)
  return others.toSpliced(position - 1, 0, photo).map((one, n) => ({ ...one, position: n + 1 }))
}
