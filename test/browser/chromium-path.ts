// Where Chromium is on this system.
import { existsSync } from 'node:fs'

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const { CHROMIUM_PATH } = process.env

/** The program, or undefined when none is installed. Nothing is downloaded. CHROMIUM_PATH selects one, and no other is used then. */
export const chromiumPath = (CHROMIUM_PATH ? [CHROMIUM_PATH] : usual).find((path) => existsSync(path))
