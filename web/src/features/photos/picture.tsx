// A picture in the size that fits, or what stands in its place.
import { Trans } from '@lingui/react/macro'
import { Loader } from '@mantine/core'
import { IconPhoto, IconPhotoOff } from '@tabler/icons-react'
import classes from './photos.module.css'
import type { Photo } from './queries.ts'

/** `sizes` as in HTML: the width at which it is shown. */
export function Picture({ photo, sizes }: { readonly photo: Photo; readonly sizes: string }) {
  const last = photo.images.at(-1)
  if (last === undefined)
    return (
      <div className={classes.missing}>
        {photo.status === 'failed' ? <IconPhotoOff size={24} aria-hidden /> : <Loader size="sm" />}
        {photo.status === 'failed' ? <FailureText photo={photo} /> : <Trans>Being prepared …</Trans>}
      </div>
    )
  return (
    <img
      className={classes.picture}
      src={photo.images[0]?.url}
      srcSet={photo.images.map(({ url, width }) => `${url} ${width}w`).join(', ')}
      sizes={sizes}
      width={last.width}
      height={last.height}
      alt={photo.alt_text ?? ''}
      loading="lazy"
      decoding="async"
      draggable={false}
    />
  )
}

function FailureText({ photo: { failure } }: { readonly photo: Photo }) {
  if (failure === 'TOO_MANY_PIXELS') return <Trans>It has too many pixels. Save it smaller and upload it again.</Trans>
  return <Trans>It cannot be read. Save it as JPEG and upload it again.</Trans>
}

/** Small, in a list. */
export function Thumbnail({ photo }: { readonly photo: Photo | undefined }) {
  if (photo?.images[0] === undefined)
    return (
      <span className={classes.thumbnail}>
        <IconPhoto size={16} aria-hidden />
      </span>
    )
  return <img className={classes.thumbnail} src={photo.images[0].url} alt="" loading="lazy" decoding="async" />
}
