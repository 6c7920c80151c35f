// The list of keys, opened with "?".
import { Trans } from '@lingui/react/macro'
import { Kbd, Modal, Table } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useShortcuts } from '../ui/shortcuts.ts'

const rows: readonly (readonly [keys: readonly string[], does: () => ReactNode])[] = [
  [['Ctrl', 'K'], () => <Trans>Find a booking, a guest, a home or a page</Trans>],
  [['/'], () => <Trans>Filter</Trans>],
  [['T'], () => <Trans>Go to today</Trans>],
  [['N'], () => <Trans>New booking</Trans>],
  [['B'], () => <Trans>Block nights</Trans>],
  [['←', '→', '↑', '↓'], () => <Trans>Move in the calendar</Trans>],
  [['Enter'], () => <Trans>Open, or drop what was picked up</Trans>],
  [['M'], () => <Trans>Pick a booking up, to move it with the arrows</Trans>],
  [['Esc'], () => <Trans>Put it back, or close</Trans>],
  [['Z'], () => <Trans>Undo the last change</Trans>],
  [['?'], () => <Trans>Show these keys</Trans>],
]

export function ShortcutHelp() {
  const [opened, { open, close }] = useDisclosure()
  useShortcuts({ '?': open })
  return (
    <Modal opened={opened} onClose={close} title={<Trans>Keys</Trans>}>
      <Table>
        <Table.Tbody>
          {rows.map(([keys, does]) => (
            <Table.Tr key={keys.join()}>
              <Table.Td w={130}>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does()}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
