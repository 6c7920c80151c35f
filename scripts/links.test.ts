// The link check: which links it finds, and which it reports.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf, findBrokenLinks, linksOf } from './links.ts'

test('links are found outside of code only', () => {
  const text = 'See [a](a.md), ![b](b.svg "B") and `[c](c.md)`.\n```\n[d](d.md)\n```\n[e](<e.md>)'
  assert.deepEqual(linksOf(text), [
    { line: 1, target: 'a.md' },
    { line: 1, target: 'b.svg' },
    { line: 5, target: 'e.md' },
  ])
})

test('anchors are named as GitHub names them', () => {
  const text = '# One `roost up`, and more\n## Über: 1-2\n## Same\n## Same\n<a id="CODE"></a>\n```\n# no heading\n```'
  assert.deepEqual([...anchorsOf(text)].sort(), ['CODE', 'one-roost-up-and-more', 'same', 'same-1', 'über-1-2'])
})

const broken: Record<string, RegExp | undefined> = {
  '[x](README.md)': undefined,
  '[x](docs/errors.md#BOOKING_CONFLICT)': undefined,
  '[x](https://example.com/nothing)': undefined,
  '[x](#here)': undefined,
  '[x](docs)': undefined,
  '[x](docs/nothing.md)': /there is no file docs\/nothing\.md/,
  '[x](docs/errors.md#NO_SUCH_CODE)': /docs\/errors\.md has no heading #NO_SUCH_CODE/,
  '[x](#there)': /made-up\.md has no heading #there/,
  '[x](../outside.md)': /there is no file \.\.\/outside\.md/,
}
for (const [text, problem] of Object.entries(broken)) {
  test(`${text} is ${problem === undefined ? 'accepted' : 'reported'}`, () => {
    const found = findBrokenLinks('made-up.md', (path) =>
      path === 'made-up.md' ? `${text}\n\n## Here` : '<a id="BOOKING_CONFLICT"></a>',
    )
    if (problem === undefined) assert.deepEqual(found, [])
    else assert.match(found.join(), problem)
  })
}
