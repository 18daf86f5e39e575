// Changes the small modules that decide about signatures, windows, positions, ids and money, one operator at a time, and
// counts how many of the changes their own tests notice: npm run test:mutation [-- --json] [module …]
// Works on a copy of the committed state. At least 80 % of the changes of each module have to be noticed.
// (The promises as a whole are broken on purpose by `npm run test:mutants`.)
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createVitest } from 'vitest/node'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const GOAL = 0.8
const MODULES = {
  'src/kit/sign.ts': ['test/unit/kit/sign.test.ts', 'test/unit/security/signing.test.ts'],
  'src/kit/windows.ts': ['test/unit/kit/windows.test.ts', 'test/unit/security/positions.test.ts'],
  'src/http/cursor.ts': ['test/unit/security/positions.test.ts'],
  'src/normalize/storable.ts': ['test/unit/security/positions.test.ts'],
  'src/core/money.ts': ['test/unit/security/amounts.test.ts'],
}

/** What is exchanged for what, in code outside of texts and comments. */
const OPERATORS = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ < /g, ' <= '],
  [/ > /g, ' >= '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ \* /g, ' / '],
  [/ \/ /g, ' * '],
  [/ (\+|-)= /g, (found) => (found.includes('+') ? ' -= ' : ' += ')],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/\bMath\.(min|max)\b/g, (found) => (found.endsWith('min') ? 'Math.max' : 'Math.min')],
  [/(?<![\w.$'])\d[\d_]*(?![\w.'])/g, (found) => String(Number(found.replaceAll('_', '')) + 1)],
  [/(?<=[(!\s])!(?=[\w(])/g, ''],
  [/\bthrow (?=new|refused|refuse)/g, 'void '],
  [/\?\? /g, '&& '],
]

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const asJson = process.argv.includes('--json')
const folder = mkdtempSync(join(tmpdir(), 'hub-mutation-'))
try {
  process.exitCode = await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

async function main() {
  const archive = spawnSync('git', ['archive', 'HEAD'], { cwd: root, maxBuffer: 1 << 30 })
  spawnSync('tar', ['x', '-C', folder], { input: archive.stdout })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  process.chdir(folder)
  const results = []
  for (const [module, tests] of Object.entries(MODULES)) {
    if (wanted.length > 0 && !wanted.some((word) => module.includes(word))) continue
    results.push(await tryModule(module, tests))
  }
  if (asJson) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  else
    for (const { module, mutants, killed, rate } of results)
      process.stdout.write(`${module.padEnd(30)} ${killed}/${mutants} ${(rate * 100).toFixed(0)} %\n`)
  return results.length > 0 && results.every(({ rate }) => rate >= GOAL) ? 0 : 1
}

async function tryModule(module, tests) {
  const file = join(folder, module)
  const code = readFileSync(file, 'utf8')
  const vitest = await createVitest('test', {
    root: folder,
    watch: false,
    project: ['unit'],
    reporters: [{}],
    config: join(folder, 'vitest.config.ts'),
    testTimeout: 10_000,
    bail: 1,
  })
  const green = async () => {
    vitest.invalidateFile(file)
    await vitest.start(tests)
    const modules = vitest.state.getTestModules()
    const all = modules.flatMap((one) => [...one.children.allTests()])
    const ok = vitest.state.getUnhandledErrors().length === 0 && modules.every((one) => one.state() === 'passed') && all.length > 0
    vitest.state.clearErrors()
    return ok
  }
  if (!(await green())) throw new Error(`${module}: its tests are not green without a change.`)
  const survived = []
  const mutants = mutantsOf(code)
  for (const { at, from, to, line } of mutants) {
    writeFileSync(file, code.slice(0, at) + to + code.slice(at + from.length))
    if (await green()) survived.push({ line, from: from.trim(), to: to.trim() })
  }
  writeFileSync(file, code)
  await vitest.close()
  const killed = mutants.length - survived.length
  if (!asJson) for (const { line, from, to } of survived) process.stderr.write(`survived: ${module}:${line} ${from} → ${to}\n`)
  return { module, mutants: mutants.length, killed, rate: mutants.length === 0 ? 1 : killed / mutants.length, survived }
}

function mutantsOf(code) {
  const masked = mask(code)
  return OPERATORS.flatMap(([pattern, replacement]) =>
    [...masked.matchAll(pattern)].map((match) => ({
      at: match.index,
      from: match[0],
      to: typeof replacement === 'string' ? replacement : replacement(match[0]),
      line: code.slice(0, match.index).split('\n').length,
    })),
  )
}

/** Comments, texts, patterns, types and imports are no operators: they are blanked, everything else keeps its place. */
function mask(code) {
  const blank = (text) => text.replaceAll(/[^\n]/g, '\u0000')
  return code
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/(?<=^|\s)\/\/.*$/gm, blank)
    .replaceAll(/^import .*$/gm, blank)
    .replaceAll(/^export interface [\s\S]*?^}/gm, blank)
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, blank)
    .replaceAll(/(?<=[(,=:\s])\/(?![/*\s])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g, blank)
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, (text) =>
      text.replaceAll(/(^|\})[^$]*?(\$\{|`$|$)/g, (part) => (part.includes('${') ? blank(part.slice(0, -2)) + '${' : blank(part))),
    )
    .replaceAll(/^\s*readonly \w+\??:.*$/gm, blank)
}
