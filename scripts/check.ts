// npm run check: all checks of CI; npm run lint: without the tests. Stops at the first failure.
import { spawnSync } from 'node:child_process'

const node = process.execPath
const steps: [name: string, command: string, ...args: string[]][] = [
  ['lint and format', node, 'node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.'],
  ['types', node, 'node_modules/typescript-7/bin/tsc'],
  ['types of the console', node, 'node_modules/typescript-7/bin/tsc', '-p', 'web'],
  ['types of the browser tests', node, 'node_modules/typescript-7/bin/tsc', '-p', 'test/browser'],
  ['texts of the console', node, 'scripts/texts.ts', '--check'],
  ['unused code', node, 'node_modules/knip/bin/knip.js', '--treat-config-hints-as-errors'],
  ['generated files', node, 'scripts/docs.ts', '--check'],
  ['links', node, 'scripts/links.ts'],
  [
    'API description',
    node,
    'node_modules/@redocly/cli/bin/cli.js',
    'lint',
    '--extends=recommended-strict',
    'docs/openapi.json',
  ],
  ['tests', node, 'scripts/test.ts', '--both-engines'],
]

/** The linter of the API description makes no request of its own. */
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }

const selected = steps.filter(([name]) => name !== 'tests' || !process.argv.includes('--no-tests'))
for (const [name, command, ...args] of selected) {
  const started = performance.now()
  process.stdout.write(`\n--- ${name} ---\n`)
  const { status } = spawnSync(command, args, { stdio: 'inherit', env })
  if (status !== 0) {
    process.stderr.write(`\n${name}: failed\n`)
    process.exit(status ?? 1)
  }
  process.stdout.write(`${name}: ok, ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}
