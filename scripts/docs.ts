// npm run docs: writes all generated files; with --check, reports the stale ones.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { performanceFiles } from '../proof/bench/page.ts'
import { clientTypes } from './docs/client-types.ts'
import { configurationDoc, envExample } from './docs/configuration.ts'
import { errorsDoc } from './docs/errors.ts'
import { eventsDoc } from './docs/events.ts'
import { importsDoc } from './docs/imports.ts'
import { lifecycleDoc } from './docs/lifecycle.ts'
import { openapiJson } from './docs/openapi.ts'
import { permissionsDoc } from './docs/permissions.ts'
import { schemaSql } from './docs/schema.ts'
import { tenancyManifest } from './docs/tenancy.ts'

const files: Readonly<Record<string, () => string | Promise<string>>> = {
  '.env.example': envExample,
  'docs/configuration.md': configurationDoc,
  'docs/errors.md': errorsDoc,
  'docs/events.md': eventsDoc,
  'docs/imports.md': importsDoc,
  'docs/lifecycle.md': lifecycleDoc,
  'docs/permissions.md': permissionsDoc,
  'docs/openapi.json': openapiJson,
  'web/src/api/openapi.gen.ts': clientTypes,
  'src/core/tenancy/manifest.json': tenancyManifest,
  'supabase/schema.sql': schemaSql,
}

const is_check = process.argv.includes('--check')
let stale = 0
for await (const [file, text] of generateAll()) {
  if (is_check) {
    if (readIfExists(file) === text) continue
    process.stderr.write(`${file} is stale: run npm run docs\n`)
    stale += 1
  } else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    process.stdout.write(`${file}\n`)
  }
}
process.exitCode = stale > 0 ? 1 : 0

async function* generateAll(): AsyncGenerator<readonly [file: string, text: string]> {
  for (const [file, generate] of Object.entries(files)) yield [file, await generate()]
  yield* Object.entries(performanceFiles())
}

function readIfExists(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
