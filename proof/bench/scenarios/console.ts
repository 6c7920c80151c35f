// The console in Chromium with a large portfolio: first view, interaction, scrolling, memory, changes made elsewhere.
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { root } from '../../../src/store.ts'
import { chromiumPath } from '../../../test/browser/chromium-path.ts'
import { createCluster, createFolder } from '../../scorecard/environment/cluster.ts'
import { startRoost } from '../../scorecard/environment/roost-process.ts'
import { jwt_secret } from '../data.ts'
import type { Figure } from '../figures.ts'
import type { Scenario } from '../scenarios.ts'
import { measureAnswers, measureChanges } from './console/api.ts'
import { measureFirstView, measureKeys, measureMemory, measureScrolling } from './console/page.ts'
import { signInWithBrowser } from './console/session.ts'

const homes = { full: 3000, quick: 200 }

/** Targets: the issue of the console (docs/performance.md). */
export const console: Scenario = {
  id: 'console',
  title: 'the console with 3,000 homes in Chromium',
  seconds: { full: 400, quick: 90 },
  run: async ({ is_quick }) => {
    if (chromiumPath === undefined) throw new Error('the scenario console needs Chromium: apt-get install -y chromium')
    const folder = await createFolder('roost-bench-console-')
    const cluster = await createCluster()
    const env = {
      DATABASE_URL: cluster.urlOf('postgres'),
      JWT_SECRET: jwt_secret,
      DATA_DIR: folder,
      RATE_LIMIT: 'off',
      MAX_LOOP_DELAY: 'off',
    }
    try {
      await run(env, 'migrate', 'up')
      await run(env, 'demo', '--homes', String(is_quick ? homes.quick : homes.full))
      const service = await startRoost({ env: { ...env, LOG_LEVEL: 'warn' } })
      const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] })
      try {
        const session = await signInWithBrowser(browser, service.address)
        const figures: Figure[] = [...(await measureAnswers(session)), ...(await measureFirstView(session))]
        figures.push(...(await measureKeys(session)), ...(await measureScrolling(browser, session)))
        figures.push(...(await measureChanges(session)), ...(await measureMemory(session, is_quick ? 10 : 120)))
        return figures
      } finally {
        await browser.close()
        await service.kill('SIGINT')
      }
    } finally {
      await cluster.remove()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  },
}

async function run(env: Readonly<Record<string, string>>, ...args: string[]): Promise<void> {
  const { PATH, HOME, TMPDIR } = process.env
  await promisify(execFile)(join(root, 'bin/roost'), args, {
    cwd: root,
    env: { PATH, HOME, TMPDIR, ENV_FILE: '', ...env } as NodeJS.ProcessEnv,
    maxBuffer: 16 * 2 ** 20,
  })
}
