// The page of a home: its facts and rules as a form, and what takes its nights this year.

import { Trans } from '@lingui/react/macro'
import { Tabs } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useCan } from '../../api/me.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { PageLoading } from '../../ui/page-loading.tsx'
import { PropertyYear } from '../calendar/year.tsx'
import { HomePhotos } from '../photos/photos.tsx'
import { HomeActions } from './parts/home-actions.tsx'
import { HomeForm } from './parts/home-form.tsx'
import classes from './property.module.css'
import { propertyQuery } from './queries.ts'

export function PropertyPage() {
  const { id } = useParams({ from: '/shell/properties/$id' })
  const { data: home } = useSuspenseQuery(propertyQuery(id))
  const can = useCan()
  return (
    <>
      <PageHeader title={home.name} actions={can('properties:update') && <HomeActions home={home} />}>
        <Link to="/properties" className="dim">
          <Trans>All homes</Trans>
        </Link>
      </PageHeader>
      <div className={classes.page}>
        <Tabs defaultValue="year" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="year">
              <Trans>Year</Trans>
            </Tabs.Tab>
            <Tabs.Tab value="photos">
              <Trans>Pictures</Trans>
            </Tabs.Tab>
            <Tabs.Tab value="facts">
              <Trans>Facts and rules</Trans>
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="year" pt="md">
            <PropertyYear property_id={id} />
          </Tabs.Panel>
          <Tabs.Panel value="photos" pt="md">
            <HomePhotos property_id={id} />
          </Tabs.Panel>
          <Tabs.Panel value="facts" pt="md">
            <Facts id={id} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </>
  )
}

function Facts({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(propertyQuery(id))
  if (data !== undefined) return <HomeForm key={data.id} home={data} />
  return error === null ? <PageLoading /> : <ErrorState error={error} retry={() => void refetch()} />
}
