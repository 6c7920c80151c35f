// roost openapi: prints the document that /openapi.json serves.
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { CommandContext } from './context.ts'

export function registerOpenapi(program: Command, context: CommandContext): void {
  program
    .command('openapi')
    .description('Print the OpenAPI 3.1 document. Needs no database.')
    .option('--out <file>', 'write to this file instead of stdout')
    .action(async ({ out }: { out?: string }) => {
      // Imported on demand, so that other commands start faster.
      const { openapiDocument } = await import('../service.ts')
      const document = JSON.stringify(await openapiDocument(), null, 2)
      if (out === undefined) context.print(document)
      else await writeFile(out, `${document}\n`)
    })
}
