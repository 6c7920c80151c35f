// npm run texts: collects the texts of the console into its catalogues (web/src/**/locales/*.po). With --check, reports catalogues
// that are stale and texts without a translation.
import { spawnSync } from 'node:child_process'

const cli = (command: string) => `../node_modules/@lingui/cli/dist/lingui-${command}.js`
const commands = process.argv.includes('--check')
  ? [
      [cli('check'), 'sync', '--clean'],
      [cli('check'), 'missing', '--mode', 'catalog'],
    ]
  : [[cli('extract'), '--clean']]

for (const args of commands) {
  const { status } = spawnSync(process.execPath, args, { cwd: 'web', stdio: 'inherit' })
  if (status !== 0) {
    if (process.argv.includes('--check')) process.stderr.write('Run npm run texts, then translate what is missing.\n')
    process.exit(status ?? 1)
  }
}
