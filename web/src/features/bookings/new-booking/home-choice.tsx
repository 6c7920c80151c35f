// The home of a new booking: those that are free for the dates and people, and other dates where none is.

import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Alert, MultiSelect, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { useDays } from '../../../locales/days.ts'
import { useMoney } from '../../../locales/money.ts'
import type { StayVerdict } from '../../availability/use-verdict.ts'
import { Thumbnail } from '../../photos/picture.tsx'
import { coversQuery, type Photo } from '../../photos/queries.ts'
import { useAmenityChoices } from '../../properties/amenities.ts'
import { useHomes } from '../../properties/use-homes.ts'
import type { StayDraft } from './draft.ts'
import classes from './home-choice.module.css'

interface Props {
  readonly stay: StayDraft
  readonly verdict: StayVerdict
  readonly choose: (part: Partial<StayDraft>) => void
}

export function HomeChoice({ stay, verdict, choose }: Props) {
  const { t } = useLingui()
  const homes = useHomes()
  const { property_id, check_in, check_out, num_adults, num_children } = stay
  const is_complete = check_in !== '' && check_out > check_in
  const guests = num_adults + num_children
  const [amenities, setAmenities] = useState<string[]>([])
  const { data: covers } = useQuery(coversQuery())
  const amenityChoices = useAmenityChoices()
  const wanted = amenities.length === 0 ? {} : { amenities: amenities.join(',') }
  const { data, isFetching } = useQuery({
    queryKey: ['search', check_in, check_out, guests, wanted],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/search', {
          params: { query: { check_in, check_out, guests, ...wanted, nearby: true, limit: 50 } },
          signal,
        }),
      ),
    enabled: is_complete,
  })
  const chosen = homes.find(({ value }) => value === property_id)?.label
  return (
    <div>
      <Text fw={500} mb={4}>
        <Trans>Home</Trans>
      </Text>
      {chosen !== undefined && verdict.text !== undefined && (
        <Alert color="red" p="xs" mb="xs" role="alert">
          {chosen}: {verdict.text}
        </Alert>
      )}
      {!is_complete && (
        <Text c="dimmed">{chosen ?? <Trans>Choose the dates first: the free homes appear here.</Trans>}</Text>
      )}
      {is_complete && (
        <MultiSelect
          mb="xs"
          label={t`With`}
          placeholder={amenities.length === 0 ? t`Any amenities` : ''}
          searchable
          clearable
          hidePickedOptions
          maxValues={20}
          data={amenityChoices}
          value={amenities}
          onChange={setAmenities}
        />
      )}
      {is_complete && data === undefined && isFetching && <Skeleton height={90} />}
      {data !== undefined && (
        <div className={classes.list} role="radiogroup" aria-label={t`Free homes`}>
          {data.items.map((home) => (
            <Choice
              key={home.id}
              home={home}
              is_chosen={home.id === property_id}
              cover={covers?.get(home.id)}
              onChoose={() => choose({ property_id: home.id })}
            />
          ))}
        </div>
      )}
      {data !== undefined && data.items.length === 0 && (
        <Text c="dimmed">
          {amenities.length === 0 ? (
            <Trans>No home is free for these dates and people.</Trans>
          ) : (
            <Trans>No home with all of this is free for these dates and people.</Trans>
          )}
        </Text>
      )}
      {data !== undefined && (data.items.length === 0 || verdict.is_possible === false) && (
        <Nearby homes={data.nearby ?? []} preferred={property_id} choose={choose} />
      )}
    </div>
  )
}

interface ChoiceProps {
  readonly home: Schema['FreeProperty']
  readonly is_chosen: boolean
  readonly cover: Photo | undefined
  readonly onChoose: () => void
}

function Choice({ home, is_chosen, cover, onChoose }: ChoiceProps) {
  const money = useMoney()
  const { name, city, max_guests, base_price_cents, currency } = home
  return (
    <UnstyledButton
      className={classes.choice}
      role="radio"
      aria-checked={is_chosen}
      data-chosen={is_chosen || undefined}
      onClick={onChoose}
    >
      {cover !== undefined && <Thumbnail photo={cover} />}
      <span className={classes.name}>
        <span className="ellipsis">{name}</span>
        <span className="dim ellipsis">
          {city}
          {max_guests !== undefined && (
            <>
              {typeof city === 'string' && city !== '' && ' · '}
              <Plural value={max_guests} one="# person" other="# people" />
            </>
          )}
        </span>
      </span>
      {typeof base_price_cents === 'number' && currency !== undefined && (
        <span className="amount dim">
          <Trans>{money(base_price_cents, currency)} a night</Trans>
        </span>
      )}
      {is_chosen && <IconCheck size={16} aria-hidden />}
    </UnstyledButton>
  )
}

interface NearbyProps {
  readonly homes: readonly Schema['FreeProperty'][]
  readonly preferred: string | undefined
  readonly choose: Props['choose']
}

/** Other dates, of the home that was asked for first. */
function Nearby({ homes, preferred, choose }: NearbyProps) {
  const days = useDays()
  const offers = homes
    .toSorted((a, b) => Number(b.id === preferred) - Number(a.id === preferred))
    .flatMap((home) => (home.dates ?? []).map((dates) => ({ home, dates })))
    .slice(0, 6)
  if (offers.length === 0) return null
  return (
    <Stack gap={4} mt="xs">
      <Text fw={500}>
        <Trans>Free on other days</Trans>
      </Text>
      {offers.map(({ home, dates }) => (
        <UnstyledButton
          key={`${home.id} ${dates.check_in}`}
          className={classes.choice}
          onClick={() => choose({ property_id: home.id, ...dates })}
        >
          <span className={classes.name}>
            <span className="ellipsis">{home.name}</span>
            <span className="dim">{days.stay(dates.check_in, dates.check_out)}</span>
          </span>
        </UnstyledButton>
      ))}
    </Stack>
  )
}
