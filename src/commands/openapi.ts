// roost openapi: the document that /openapi.json serves, without a database.
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { CommandContext } from './context.ts'

export function registerOpenapi(program: Command, context: CommandContext): void {
  program
    .command('openapi')
    .description('Print the OpenAPI 3.1 document; needs no database.')
    .option('--out <file>', 'write it to a file')
    .action(async ({ out }: { out?: string }) => {
      // Loading the whole API takes longer than all other commands need to start.
      const { openapiDocument } = await import('../service.ts')
      const document = JSON.stringify(await openapiDocument(), null, 2)
      if (out === undefined) context.print(document)
      else await writeFile(out, `${document}\n`)
    })
}
