// Reads the file .env into the environment.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from '../config.ts'
import { root } from '../store.ts'

type Environment = Record<string, string | undefined>

/**
 * Adds the variables of `.env` in the folder of Roost, or of the file that ENV_FILE names, to `env`. A variable that `env` has
 * already, also with an empty value, is not changed. An empty ENV_FILE: no file. Throws ConfigError when the file cannot be
 * read, or holds what a shell would have to compute.
 */
export function loadEnvFile(env: Environment, folder = root): void {
  const file = env.ENV_FILE ?? join(folder, '.env')
  if (file === '') return
  const text = read(file, env.ENV_FILE !== undefined)
  if (text === undefined) return
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value !== undefined && /\$\(|`/.test(value)) {
      throw new ConfigError([
        `${name} in ${file} contains a command, and no shell reads this file: write its result, for example with echo "${name}=$(…)" >> .env`,
      ])
    }
    env[name] ??= value
  }
}

function read(file: string, is_required: boolean): string | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !is_required) return undefined
    throw new ConfigError([`the file ${file} cannot be read: ${message}`])
  }
  // Windows PowerShell writes UTF-16, whose variables would be ignored without a message.
  if (bytes.includes(0)) throw new ConfigError([`the file ${file} is not text in UTF-8: save it as UTF-8`])
  return bytes.toString().replace(/^\uFEFF/, '')
}
