// Where Chromium is on this system.
import { existsSync } from 'node:fs'

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The program, or undefined when none is installed. Nothing is downloaded. */
export const chromiumPath = candidates.find((path) => path !== undefined && existsSync(path))
