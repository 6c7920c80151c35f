// Titles of the file that no home has: somebody says once which home is meant, and Roost remembers it.
import { Plural, Trans } from '@lingui/react/macro'
import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useHomes } from '../../properties/use-homes.ts'
import classes from '../import.module.css'
import type { Options } from '../queries.ts'

interface Props {
  readonly titles: readonly (readonly [title: string, rows: number])[]
  readonly options: Options
  readonly set: (options: Partial<Options>) => void
}

export function UnknownTitles({ titles, options, set }: Props) {
  const homes = useHomes()
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({})
  const lines = Object.entries(chosen).map(([title, home]) => `${title}=${home}`)
  return (
    <section className={classes.ask}>
      <Stack gap="xs" align="start">
        <h2 className={classes.ask_title}>
          <Trans>Which homes are these?</Trans>
        </h2>
        <Text>
          <Trans>The file has titles that no home has. Choose the home once; later files are read with it.</Trans>
        </Text>
        {titles.map(([title, rows]) => (
          <Group key={title} wrap="wrap">
            <div style={{ width: 260 }}>
              <Text fw={500} style={{ overflowWrap: 'anywhere' }}>
                {title}
              </Text>
              <Text c="dimmed" size="xs">
                <Plural value={rows} one="# row" other="# rows" />
              </Text>
            </div>
            <Select
              aria-label={title}
              data={[...homes]}
              searchable
              clearable
              value={chosen[title] ?? null}
              onChange={(home) => setChosen(withChoice(chosen, title, home))}
            />
          </Group>
        ))}
        <Button
          disabled={lines.length === 0}
          onClick={() => set({ aliases: [options.aliases, ...lines].filter(Boolean).join('\n') })}
        >
          <Trans>Use these homes</Trans>
        </Button>
      </Stack>
    </section>
  )
}

function withChoice(chosen: Readonly<Record<string, string>>, title: string, home: string | null) {
  const { [title]: _, ...others } = chosen
  return home === null ? others : { ...others, [title]: home }
}
