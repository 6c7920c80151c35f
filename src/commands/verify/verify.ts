// roost verify: checks that an operator can run against a deployment.
import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { registerAudit } from './audit.ts'
import { registerContract } from './contract.ts'
import { registerOverlap } from './overlap.ts'
import { registerShardable } from './shardable.ts'
import { registerTenancy } from './tenancy.ts'

export function registerVerify(program: Command, context: CommandContext): void {
  const verify = program.command('verify').description('Check the guarantees of this deployment.')
  registerAudit(verify, context)
  registerContract(verify, context)
  registerOverlap(verify, context)
  registerShardable(verify, context)
  registerTenancy(verify, context)
}
