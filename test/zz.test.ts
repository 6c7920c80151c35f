import { after, test } from 'node:test'
import { provocations, setScene } from './sweeps/provocations.ts'

const t0 = performance.now()
const log = (s: string) => console.log(s, Math.round(performance.now() - t0))
const scene = await setScene()
log('scene')
after(() => log('after'))
for (const only of (process.env.ONLY ?? '').split(',').filter(Boolean))
  test(only, async () => {
    await provocations[only]!(scene)
    log(only)
  })
process.on('exit', () => log('exit'))
