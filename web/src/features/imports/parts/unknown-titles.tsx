// Titles of the file that no home has: somebody says once which home is meant, and Roost remembers it.
import { Plural, Trans } from '@lingui/react/macro'
import { Alert, Button, Group, Select, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useHomes } from '../../properties/use-homes.ts'
import type { Options, Report } from '../queries.ts'
import { unknownTitles } from '../unknown-titles.ts'

interface Props {
  readonly report: Report
  readonly options: Options
  readonly set: (options: Partial<Options>) => void
}

export function UnknownTitles({ report, options, set }: Props) {
  const homes = useHomes()
  const titles = unknownTitles(report)
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({})
  if (titles.length === 0 || homes.length === 0) return null
  const lines = Object.entries(chosen).map(([title, home]) => `${title}=${home}`)
  return (
    <Alert color="orange" title={<Trans>Which homes are these?</Trans>}>
      <Stack gap="xs" align="start">
        <Text>
          <Trans>The file has titles that no home has. Choose the home once; later files are read with it.</Trans>
        </Text>
        {titles.slice(0, 50).map(([title, rows]) => (
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
    </Alert>
  )
}

function withChoice(chosen: Readonly<Record<string, string>>, title: string, home: string | null) {
  const { [title]: _, ...others } = chosen
  return home === null ? others : { ...others, [title]: home }
}
