// Explains the roles.
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import type { Schema } from '../../../api/client.ts'
import { roleNames, useRoleName } from '../../../ui/role-name.ts'
import classes from '../team.module.css'
import { roleDetails } from './role-texts.ts'

export function RoleHelp({ onClose }: { readonly onClose: () => void }) {
  const { i18n } = useLingui()
  const roleName = useRoleName()
  return (
    <Modal opened onClose={onClose} size="lg" title={<Trans>What each role may do</Trans>}>
      <div className={classes.roles}>
        {(Object.keys(roleNames) as Schema['Role'][]).map((role) => (
          <section key={role}>
            <h3>{roleName(role)}</h3>
            <ul>
              {roleDetails[role].map((text) => (
                <li key={text.id}>{i18n._(text)}</li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <p className="dim">
        <Trans>A person has one role in each agency. A change applies at once, also where they are signed in.</Trans>
      </p>
    </Modal>
  )
}
