// Generates docs/openapi.json from the routes.
import { openapiDocument } from '../../src/service.ts'

export async function openapiJson(): Promise<string> {
  return `${JSON.stringify(await openapiDocument(), null, 2)}\n`
}
