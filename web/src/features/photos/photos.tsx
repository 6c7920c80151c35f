// The pictures of a home: upload, order, text, deletion. People who may not change them look at them.
import { Trans, useLingui } from '@lingui/react/macro'
import { Alert, CloseButton, Loader, Stack } from '@mantine/core'
import { useState } from 'react'
import { useCan } from '../../api/me.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { PageLoading } from '../../ui/page-loading.tsx'
import { PhotoCard } from './parts/photo-card.tsx'
import { PhotoDrop } from './parts/photo-drop.tsx'
import classes from './photos.module.css'
import { usePhotos } from './use-photos.ts'

export function HomePhotos({ property_id }: { readonly property_id: string }) {
  const { t } = useLingui()
  const may_change = useCan()('properties:update')
  const { photos, error, retry, uploads, forget, add, ...changes } = usePhotos(property_id)
  const [dragged_id, setDragged] = useState<string>()
  if (photos === undefined) return error === null ? <PageLoading /> : <ErrorState error={error} retry={retry} />
  return (
    <div>
      {may_change && <PhotoDrop onChoose={(files) => void add(files)} />}
      <Stack gap={8} mt={uploads.length > 0 ? 'sm' : 0} aria-live="polite">
        {uploads.map((upload) => (
          <Alert key={upload.id} color={upload.problem === undefined ? 'gray' : 'red'} p="xs">
            {upload.problem === undefined ? (
              <>
                <Loader size="xs" mr={8} />
                <Trans>{upload.name} is uploaded …</Trans>
              </>
            ) : (
              <>
                {upload.name}: {upload.problem}{' '}
                <CloseButton size="sm" aria-label={t`Close`} onClick={() => forget(upload)} />
              </>
            )}
          </Alert>
        ))}
      </Stack>
      {photos.length === 0 && uploads.length === 0 && (
        <EmptyState title={<Trans>There are no pictures yet</Trans>}>
          {may_change && <Trans>The first one is the cover: it stands for the home in lists.</Trans>}
        </EmptyState>
      )}
      <ul className={classes.grid}>
        {photos.map((photo) => (
          <PhotoCard
            key={photo.id}
            photo={photo}
            num_photos={photos.length}
            may_change={may_change}
            dragged={photos.find(({ id }) => id === dragged_id)}
            onDrag={setDragged}
            {...changes}
          />
        ))}
      </ul>
    </div>
  )
}
