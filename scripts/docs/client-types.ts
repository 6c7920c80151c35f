// Generates the types of a TypeScript client from the OpenAPI document, for test/client.
import openapiTS, { astToString } from 'openapi-typescript'
import { openapiJson } from './openapi.ts'

/** One line for each interface, without comments: nobody reads this file. */
export async function clientTypes(): Promise<string> {
  const document = JSON.parse(await openapiJson(), (name, value: unknown) =>
    ['description', 'summary', 'x-status-transitions'].includes(name) && !isSchema(value) ? undefined : value,
  )
  const types = astToString(await openapiTS(document))
  const compact = types
    .replaceAll(/\/\*\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' export ', '\nexport ')
  return `// The types of a client. Generated: npm run docs.\n${compact}\n`
}

/** A property of a schema can have the name description. */
function isSchema(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value)
}
