// The compile cache of bin/roost is used only in a directory that no other user can write to.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = mkdtempSync(join(tmpdir(), 'roost-cache-'))
after(() => rmSync(root, { recursive: true, force: true }))
const guard = join(import.meta.dirname, '../bin/require-node.cjs')
const ask = "import { getCompileCacheDir } from 'node:module'; process.stdout.write(getCompileCacheDir() ?? 'none')"

/** The compile cache directory of a process with this environment, or `none`. */
function cacheOf(env: Record<string, string>): string {
  const args = ['--require', guard, '--input-type=module', '--eval', ask]
  return execFileSync(process.execPath, args, { env: { TMPDIR: root, ...env }, encoding: 'utf8' })
}

let made = 0
/** A new directory. `prepare` creates `<directory>/roost`. */
function base(prepare: (planted: string) => void = () => {}): string {
  made += 1
  const dir = join(root, `base-${made}`)
  mkdirSync(dir, { mode: 0o700 })
  prepare(join(dir, 'roost'))
  return dir
}

test('the compile cache is a private directory below XDG_CACHE_HOME, else below HOME', () => {
  const dir = base()
  assert.ok(cacheOf({ XDG_CACHE_HOME: dir, HOME: base() }).startsWith(join(dir, 'roost')))
  assert.equal(statSync(join(dir, 'roost')).mode & 0o777, 0o700)
  const home = base()
  assert.ok(cacheOf({ HOME: home }).startsWith(join(home, '.cache/roost')))
  assert.equal(statSync(join(home, '.cache/roost')).mode & 0o777, 0o700)
})

test('a cache directory that others can read is made private', () => {
  const dir = base((planted) => mkdirSync(planted, { mode: 0o755 }))
  assert.ok(cacheOf({ XDG_CACHE_HOME: dir }).startsWith(join(dir, 'roost')))
  assert.equal(statSync(join(dir, 'roost')).mode & 0o777, 0o700)
})

const plants: Readonly<Record<string, (planted: string) => void>> = {
  'a symbolic link to another directory': (planted) => symlinkSync(base(), planted),
  'a directory that its group can write to': (planted) => {
    mkdirSync(planted)
    chmodSync(planted, 0o770)
  },
  'a directory that everyone can write to': (planted) => {
    mkdirSync(planted)
    chmodSync(planted, 0o777)
  },
  'a directory in one that everyone can write to': (planted) => chmodSync(join(planted, '..'), 0o777),
}
for (const [name, prepare] of Object.entries(plants)) {
  test(`the compile cache is neither read nor written in ${name}`, () => {
    assert.equal(cacheOf({ XDG_CACHE_HOME: base(prepare) }), 'none')
  })
}

const is_root = process.getuid?.() === 0
test('a compile cache of another user is not read', { skip: !is_root && 'needs root' }, () => {
  const foreign = (planted: string) => {
    mkdirSync(planted, { mode: 0o700 })
    chownSync(planted, 65534, 65534)
  }
  assert.equal(cacheOf({ XDG_CACHE_HOME: base(foreign) }), 'none')
})

test('without a writable HOME nothing is cached, not even in the temporary directory', () => {
  assert.equal(cacheOf({}), 'none')
  assert.equal(cacheOf({ HOME: '/proc/nowhere' }), 'none')
  assert.equal(cacheOf({ XDG_CACHE_HOME: 'relative', HOME: '' }), 'none')
})
