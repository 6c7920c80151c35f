// Import: a file of a channel or another system. What it would do is shown, row by row, before anything is saved.
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Alert, Button, Group, Progress, SegmentedControl, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { PageHeader } from '../../ui/page-header.tsx'
import { useHomes } from '../properties/use-homes.ts'
import classes from './import.module.css'
import { DropZone } from './parts/drop-zone.tsx'
import { ImportProblem } from './parts/import-problem.tsx'
import { ImportOptions } from './parts/options.tsx'
import { ReportView } from './parts/report-view.tsx'
import { UnknownTitles } from './parts/unknown-titles.tsx'
import { unknownTitles } from './unknown-titles.ts'
import { type ImportState, useImport } from './use-import.ts'

/** More titles are asked about when these have a home. */
const max_asked = 50

export function ImportPage() {
  const { t } = useLingui()
  const state = useImport()
  const { file, options, report, error, is_busy, set, choose } = state
  const is_done = report?.dry_run === false
  const has_homes = useHomes().length > 0
  const asked = report !== undefined && !is_done && has_homes ? unknownTitles(report).slice(0, max_asked) : []
  return (
    <>
      <PageHeader title={<Trans>Import</Trans>}>
        <SegmentedControl
          aria-label={t`What is in the file`}
          disabled={is_busy || is_done}
          value={options.kind}
          onChange={(kind) => set({ kind: kind as typeof options.kind })}
          data={[
            { value: 'bookings', label: t`Bookings` },
            { value: 'properties', label: t`Homes` },
          ]}
        />
      </PageHeader>
      <div className={classes.page}>
        <Stack gap="md">
          {!is_done && <DropZone file={file} is_disabled={state.is_importing} onChoose={choose} />}
          {file !== undefined && !is_done && (
            <ImportOptions options={options} error={error} is_disabled={is_busy} set={set} />
          )}
          <ImportProblem error={error} onAssign={() => set({ assign: true })} />
          {is_busy && <Running state={state} />}
          {report !== undefined && (
            <>
              {asked.length > 0 && <UnknownTitles titles={asked} options={options} set={set} />}
              <Result state={state} />
              <ReportView report={report} asked={asked.map(([title]) => title)} />
            </>
          )}
        </Stack>
      </div>
    </>
  )
}

function Running({ state: { progress, is_importing, stop } }: { readonly state: ImportState }) {
  const { t } = useLingui()
  const percent = progress === undefined || progress.total === 0 ? 0 : (100 * progress.done) / progress.total
  return (
    <div role="status">
      <Group justify="space-between" mb={6}>
        <Text>
          {is_importing ? (
            <Trans>Importing … Keep this tab open.</Trans>
          ) : (
            <Trans>Looking what the file would do …</Trans>
          )}
        </Text>
        {is_importing && (
          <Button variant="default" size="xs" onClick={stop}>
            <Trans>Stop</Trans>
          </Button>
        )}
      </Group>
      <Progress value={percent} animated aria-label={t`Progress`} />
    </div>
  )
}

/** What happens next: the import, or after it the way to what was imported. */
function Result({ state: { report, options, is_busy, start, restart } }: { readonly state: ImportState }) {
  if (report === undefined) return null
  const rows = report.created + report.updated
  if (!report.dry_run)
    return (
      <Alert color="green" role="status" title={<Trans>The import is complete</Trans>}>
        <Group>
          <Button component={Link} to={options.kind === 'bookings' ? '/bookings' : '/properties'} variant="default">
            {options.kind === 'bookings' ? <Trans>To the bookings</Trans> : <Trans>To the homes</Trans>}
          </Button>
          <Button variant="subtle" color="gray" onClick={restart}>
            <Trans>Import another file</Trans>
          </Button>
        </Group>
      </Alert>
    )
  return (
    <Group>
      <Button size="md" disabled={is_busy || rows === 0} onClick={start}>
        {rows === 0 ? (
          <Trans>Nothing to import</Trans>
        ) : (
          <Plural value={rows} one="Import # row" other="Import # rows" />
        )}
      </Button>
      <Text c="dimmed">
        <Trans>Nothing is saved yet. Importing the same file again later changes nothing twice.</Trans>
      </Text>
    </Group>
  )
}
