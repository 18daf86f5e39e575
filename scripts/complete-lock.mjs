// Adds to package-lock.json the optional packages of other operating systems that npm left out.
//
// npm drops an optional package from the lock when the registry it asked does not carry that version, and `npm ci`
// then refuses the lock everywhere. What such a package is for follows from its name, so it can be noted all the same.
// Usage: node scripts/complete-lock.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const systems = {
  darwin: 'darwin',
  linux: 'linux',
  win32: 'win32',
  windows: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
}
const processors = {
  x64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  armv7: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
  ppc64le: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  mips64el: 'mips64el',
  wasm32: 'wasm32',
}

/** @param {string} name a package name such as "@swc/core-linux-arm64-musl" */
export function platformOf(name) {
  const words = name.split(/[/@-]/)
  const os = words.map((word) => systems[word]).find(Boolean)
  const cpu = words.map((word) => processors[word]).find(Boolean)
  const libc =
    words.includes('musl') || words.includes('musleabihf') ? 'musl' : words.includes('gnu') || words.includes('gnueabihf') ? 'glibc' : undefined
  return { ...(cpu && { cpu: [cpu] }), ...(libc && os === 'linux' && { libc: [libc] }), ...(os && { os: [os] }) }
}

/** Where npm looks for a package seen from another one: beside it, then further and further up. */
function find(packages, from, name) {
  for (let base = from; ; base = base.slice(0, base.lastIndexOf('/node_modules/'))) {
    const path = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (!base.includes('/node_modules/')) return packages[`node_modules/${name}`] === undefined ? undefined : `node_modules/${name}`
  }
}

/** The entries a lock lacks, by path. */
export function missingEntries(lock) {
  const missing = {}
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (find(lock.packages, path, name) !== undefined || !/^[\^~]?\d+\.\d+\.\d+/.test(range)) continue
      missing[`node_modules/${name}`] = { version: range.replace(/^[\^~]/, ''), ...(entry.dev && { dev: true }), optional: true, ...platformOf(name) }
    }
  }
  return missing
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingEntries(lock)
  const names = Object.keys(missing)
  process.stdout.write(`${names.length} optional packages are missing from package-lock.json${names.length > 0 ? `:\n${names.join('\n')}` : ''}\n`)
  if (process.argv.includes('--check')) process.exit(names.length > 0 ? 1 : 0)
  const { '': project, ...others } = { ...lock.packages, ...missing }
  const sorted = Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: { '': project, ...sorted } }, null, 2)}\n`)
}
