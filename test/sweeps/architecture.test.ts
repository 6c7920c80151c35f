// Layers: core <- http <- features (in order) <- features.ts <- api, worker <- store, service <- commands <- main.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { features as declaredFeatures } from '../../src/features.ts'

const root = join(import.meta.dirname, '../..')
const features = declaredFeatures.map(({ name }) => name)
const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))

/** The layers in order: a file may import from its own layer and from earlier ones. */
function layerOf(file: string): number {
  const [, first = '', second = ''] = file.split('/')
  if (['config.ts', 'setting-parsers.ts'].includes(first)) return 0
  if (first === 'core') return 1
  if (first === 'http') return 2
  if (first === 'features') return 3 + features.indexOf(second) / features.length
  if (['features.ts', 'api.ts', 'worker.ts'].includes(first)) return 4
  if (['store.ts', 'service.ts'].includes(first)) return 5
  return first === 'commands' ? 6 : 7
}

interface Import {
  readonly name: string
  /** Type imports are removed at load time and do not count. */
  readonly is_type: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/^(?:import|export)( type)?[^'"]*from '([^']+)'|^import '([^']+)'/gm)
  return [...found].map(([, type, from, alone]) => ({ name: from ?? alone ?? '', is_type: type !== undefined }))
}

const relativeImports = files.flatMap((file) =>
  importsOf(file)
    .filter(({ name }) => name.startsWith('.'))
    .map(({ name, is_type }) => ({ file, target: relative(root, join(root, dirname(file), name)), is_type })),
)

test('every feature is in the ordered list', () => {
  const found = [...new Set(files.filter((f) => f.startsWith('src/features/')).map((f) => f.split('/')[2] ?? ''))]
  assert.deepEqual(found.sort(), [...features].sort())
})

test('imports never go to a later layer, and features import only earlier features', () => {
  assert.ok(relativeImports.length > 100)
  const upward = relativeImports.filter(({ file, target }) => layerOf(target) > layerOf(file))
  assert.deepEqual(upward, [])
})

test('a feature imports no routes of another', () => {
  const foreign = relativeImports.filter(
    ({ file, target }) =>
      file.startsWith('src/features/') && target.endsWith('routes.ts') && dirname(file) !== dirname(target),
  )
  assert.deepEqual(foreign, [])
})

/** Files without imports, which are the same in the browser. */
const shared = ['src/core/countries.ts', 'src/core/csv.ts']

test('the console imports nothing of the service but what imports nothing', () => {
  for (const file of shared) assert.deepEqual(importsOf(file), [], file)
  const own = globSync('web/src/**/*.{ts,tsx}', { cwd: root })
  assert.ok(own.length > 50)
  const outside = own.flatMap((file) =>
    importsOf(file)
      .map(({ name }) => (name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : ''))
      .filter((target) => target !== '' && !target.startsWith('web/src/') && !shared.includes(target)),
  )
  assert.deepEqual(outside, [])
})

test('features declare routes with http/route.ts and circumvent no types', () => {
  const direct = files.filter(
    (file) =>
      file.startsWith('src/features/') &&
      /\bapp\.(get|post|put|patch|delete|route)\(|\bas (unknown|never)\b/.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(direct, [])
})

test('no command imports the API before it needs it', () => {
  const loaded = new Set(['src/main.ts'])
  for (const file of loaded) {
    for (const one of relativeImports) if (one.file === file && !one.is_type) loaded.add(one.target)
  }
  assert.ok(loaded.size > 50)
  const needless = [...loaded].filter((file) => /^src\/(http\/|features\.ts|api\.ts|service\.ts|worker\.ts)/.test(file))
  assert.deepEqual(needless, [])
})

test('the driver is imported only where connections are opened and used', () => {
  const importers = files.filter((file) => importsOf(file).some(({ name }) => name === 'pg')).sort()
  const allowed = ['database', 'embedded', 'leases', 'pipeline', 'pools', 'statement-queue', 'transaction'].map(
    (name) => `src/core/postgres/${name}.ts`,
  )
  assert.deepEqual(
    importers.filter((file) => !allowed.includes(file)),
    ['src/store.ts'],
  )
})

test('only main.ts reads the environment', () => {
  const readers = files.filter((file) => /process\.env/.test(readFileSync(join(root, file), 'utf8')))
  assert.deepEqual(readers, ['src/main.ts'])
})

test('systemTx and systemRead are used only where no agency is known yet', () => {
  const users = files.filter((file) => /\.system(Tx|Read)\(/.test(readFileSync(join(root, file), 'utf8'))).sort()
  assert.deepEqual(users, [
    'src/commands/doctor.ts',
    'src/commands/verify/audit.ts',
    'src/commands/verify/overlap/deadlocks.ts',
    'src/commands/verify/shardable.ts',
    'src/commands/verify/tenancy.ts',
    'src/core/agency-list.ts',
    'src/core/auth/memberships.ts',
    'src/core/auth/secret-change.ts',
    'src/core/events/delivery.ts',
    'src/core/events/sealer.ts',
    'src/core/health.ts',
    'src/core/idempotency.ts',
    'src/core/jobs/boss.ts',
    'src/core/mail/outbox.ts',
    'src/core/metrics.ts',
    'src/core/postgres/server-settings.ts',
    'src/core/schema-version.ts',
    'src/core/tenancy/watch.ts',
    'src/features/agencies/agencies.ts',
    'src/features/changes/hub.ts',
    'src/features/holds/expiry.ts',
    'src/features/team/acceptance.ts',
    'src/features/team/accounts.ts',
    'src/features/team/operator-reset.ts',
    'src/features/team/own-account.ts',
    'src/features/team/password-resets.ts',
    'src/features/team/sessions.ts',
    'src/features/team/team.ts',
    'src/service.ts',
    'src/worker.ts',
  ])
})

test('no source file is longer than 300 lines', () => {
  const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 301)
  assert.deepEqual(long, [])
})

test('every source file begins with a comment that says what it owns', () => {
  const silent = files.filter((file) => !readFileSync(join(root, file), 'utf8').startsWith('// '))
  assert.deepEqual(silent, [])
})
