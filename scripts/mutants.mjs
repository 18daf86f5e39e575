// Breaks each promise on purpose, one small change at a time, and expects the promise's own test to go red.
//   node scripts/mutants.mjs [--json] [name …]
// Works on the committed state in a temporary git worktree: nothing in this folder is touched.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const RUN_LIMIT_MS = 10 * 60_000

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const asJson = process.argv.includes('--json')
const say = (line) => process.stderr.write(`${line}\n`)

let running
let tree
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    running?.kill('SIGTERM')
    removeTree()
    process.exit(130)
  })
}

try {
  process.exitCode = await main()
} finally {
  removeTree()
}

async function main() {
  tree = makeTree()
  const mutants = loadMutants()
  if (mutants.length === 0) throw new Error(`No mutant is named ${wanted.join(', ')}.`)
  const files = [...new Set(mutants.flatMap((mutant) => mutant.tests))]
  say(`Without a change: ${files.length} test files must be green.`)
  const control = await runTests(files)
  if (control.failed.length > 0 || control.passed.length === 0) {
    say(`They are not; a mutant would prove nothing.\n${control.log}`)
    return 2
  }
  const results = []
  for (const [i, mutant] of mutants.entries()) {
    const result = await tryMutant(mutant, control)
    results.push(result)
    say(
      `[${i + 1}/${mutants.length}] ${result.verdict === 'killed' ? '✓' : '✗'} ${mutant.name}: ${result.verdict} (${(result.ms / 1000).toFixed(0)} s)`,
    )
  }
  report(results)
  return results.every((result) => result.verdict === 'killed') ? 0 : 1
}

/** A mutant counts as killed only when the very test it names fails; a file that no longer loads proves nothing. */
async function tryMutant(mutant, control) {
  const startedAt = Date.now()
  const verdict = (text, details = []) => ({ ...mutant, verdict: text, details, ms: Date.now() - startedAt })
  if (!control.passed.some((name) => name.includes(mutant.red))) return verdict('names no test', [mutant.red])
  const originals = new Map()
  for (const { file, search, replace } of mutant.edits) {
    const path = join(tree, file)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    if (!originals.has(path)) originals.set(path, text)
    const places = [...text.matchAll(patternOf(search))]
    if (places.length !== 1) {
      restore(originals)
      return verdict('does not fit the code', [`${file}: found ${places.length} times`])
    }
    writeFileSync(
      path,
      text.replace(patternOf(search), () => replace),
    )
  }
  try {
    const { passed, failed, log } = await runTests(mutant.tests)
    if (failed.some((name) => name.includes(mutant.red))) return verdict('killed', failed)
    if (passed.length === 0 && failed.length === 0) return verdict('broke the test file', [log])
    return verdict('survived', failed)
  } finally {
    restore(originals)
  }
}

/** The text however it is broken into lines, so that formatting a file does not disarm its mutants. */
function patternOf(search) {
  const parts = search.match(/\w+|[^\s\w]/gu) ?? []
  return new RegExp(parts.map((part) => part.replace(/[^\w]/gu, '\\$&')).join('\\s*'), 'g')
}

function restore(originals) {
  for (const [path, text] of originals) writeFileSync(path, text)
}

/** Names of tests that passed and failed. */
function runTests(files) {
  const output = join(tree, 'mutant-report.json')
  rmSync(output, { force: true })
  return new Promise((resolve) => {
    let log = ''
    const child = spawn(
      process.execPath,
      [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...files, '--no-file-parallelism', '--reporter=json', `--outputFile=${output}`],
      { cwd: tree, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    running = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        log = (log + chunk).slice(-4000)
      })
    }
    const limit = setTimeout(() => child.kill('SIGTERM'), RUN_LIMIT_MS)
    child.once('close', () => {
      clearTimeout(limit)
      running = undefined
      const tests = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')).testResults.flatMap((file) => file.assertionResults) : []
      const named = (status) => tests.filter((test) => test.status === status).map((test) => test.fullName)
      const why = tests.flatMap((test) => test.failureMessages.map((message) => `${test.fullName}\n${message.slice(0, 600)}`))
      resolve({ passed: named('passed'), failed: named('failed'), log: why.join('\n') || log })
    })
  })
}

function loadMutants() {
  const folder = join(tree, 'test', 'mutants')
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => ({ name: file.replace('.json', ''), ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }))
    .filter((mutant) => wanted.length === 0 || wanted.some((name) => mutant.name.startsWith(name)))
}

function makeTree() {
  const folder = mkdtempSync(join(tmpdir(), 'hub-mutants-'))
  git(['worktree', 'add', '--detach', '--force', folder, 'HEAD'])
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  if (git(['status', '--porcelain', '--untracked-files=no']) !== '') say('There are uncommitted changes; what is tried is the last commit.')
  return folder
}

function removeTree() {
  if (tree === undefined) return
  rmSync(join(tree, 'node_modules'), { force: true }) // the link, never what it points to
  rmSync(tree, { recursive: true, force: true })
  spawnSync('git', ['worktree', 'prune'], { cwd: root })
  tree = undefined
}

function git(args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args[0]} failed: ${stderr.trim()}`)
  return stdout.trim()
}

function report(results) {
  if (asJson) {
    process.stdout.write(
      `${JSON.stringify(
        results.map(({ name, promise, breaks, red, verdict, details, ms }) => ({ name, promise, breaks, test: red, verdict, details, ms })),
        null,
        2,
      )}\n`,
    )
    return
  }
  const wide = Math.max(...results.map((result) => result.name.length))
  for (const result of results) {
    process.stdout.write(`${result.promise.padEnd(4)}${result.name.padEnd(wide + 2)}${result.verdict.padEnd(10)}${result.breaks}\n`)
    if (result.verdict !== 'killed') for (const line of result.details) process.stdout.write(`      ${line}\n`)
  }
  process.stdout.write(`${results.filter((result) => result.verdict === 'killed').length} of ${results.length} killed\n`)
}
