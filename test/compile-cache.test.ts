// The start of bin/roost: code that was compiled before comes from a folder that only this user could write to, or from none.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'

const root = mkdtempSync(join(tmpdir(), 'roost-cache-'))
after(() => rmSync(root, { recursive: true, force: true }))
const guard = pathToFileURL(join(import.meta.dirname, '../bin/require-node.mjs')).href
const ask = "import { getCompileCacheDir } from 'node:module'; process.stdout.write(getCompileCacheDir() ?? 'none')"

/** The folder that a process started with this environment keeps compiled code in, or `none`. */
function cacheOf(env: Record<string, string>): string {
  const args = ['--import', guard, '--input-type=module', '--eval', ask]
  return execFileSync(process.execPath, args, { env: { TMPDIR: root, ...env }, encoding: 'utf8' })
}

let made = 0
/** A folder of its own, with what `prepare` plants at `<it>/roost`. */
function base(prepare: (planted: string) => void = () => {}): string {
  made += 1
  const dir = join(root, `base-${made}`)
  mkdirSync(dir, { mode: 0o700 })
  prepare(join(dir, 'roost'))
  return dir
}

test('compiled code is kept in a folder of this user alone, found by XDG_CACHE_HOME, else by HOME', () => {
  const dir = base()
  assert.ok(cacheOf({ XDG_CACHE_HOME: dir, HOME: base() }).startsWith(join(dir, 'roost')))
  assert.equal(statSync(join(dir, 'roost')).mode & 0o777, 0o700)
  const home = base()
  assert.ok(cacheOf({ HOME: home }).startsWith(join(home, '.cache/roost')))
  assert.equal(statSync(join(home, '.cache/roost')).mode & 0o777, 0o700)
})

test('a folder of this user that others may read is closed to them', () => {
  const dir = base((planted) => mkdirSync(planted, { mode: 0o755 }))
  assert.ok(cacheOf({ XDG_CACHE_HOME: dir }).startsWith(join(dir, 'roost')))
  assert.equal(statSync(join(dir, 'roost')).mode & 0o777, 0o700)
})

const plants: Readonly<Record<string, (planted: string) => void>> = {
  'a link to another folder': (planted) => symlinkSync(base(), planted),
  'a folder that its group may write to': (planted) => {
    mkdirSync(planted)
    chmodSync(planted, 0o770)
  },
  'a folder that everybody may write to': (planted) => {
    mkdirSync(planted)
    chmodSync(planted, 0o777)
  },
  'a folder in one that everybody may write to': (planted) => chmodSync(join(planted, '..'), 0o777),
}
for (const [name, prepare] of Object.entries(plants)) {
  test(`compiled code is neither taken from nor kept in ${name}`, () => {
    assert.equal(cacheOf({ XDG_CACHE_HOME: base(prepare) }), 'none')
  })
}

const is_root = process.getuid?.() === 0
test('compiled code is not taken from a folder of another user', { skip: !is_root && 'needs root' }, () => {
  const foreign = (planted: string) => {
    mkdirSync(planted, { mode: 0o700 })
    chownSync(planted, 65534, 65534)
  }
  assert.equal(cacheOf({ XDG_CACHE_HOME: base(foreign) }), 'none')
})

test('without a home, or with one that cannot be written, nothing is kept, and never in the folder for temporary files', () => {
  assert.equal(cacheOf({}), 'none')
  assert.equal(cacheOf({ HOME: '/proc/nowhere' }), 'none')
  assert.equal(cacheOf({ XDG_CACHE_HOME: 'relative', HOME: '' }), 'none')
})
