// Begins a channel: connector, mapping, simulator, a fixture, a page, and the lines that register them.
//   npm run new <id> [title]
// What it writes works against its own simulator: make that speak the vendor's words first, then follow with the connector until the kit is green.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const templates = join(here, 'new-channel')
const MOST_LETTERS = 30
/** Names that would not compile, or that stand for something else in a registry file. */
const TAKEN: ReadonlySet<string> = new Set(
  'all await class const default delete do else enum export for function if import in let mappings new null registry return static super switch this true try typeof var void while with yield'.split(
    ' ',
  ),
)

/** What is written where, and what is changed in files that are there. Paths are relative to the repository. */
export interface Plan {
  readonly files: ReadonlyMap<string, string>
  readonly changed: ReadonlyMap<string, string>
}

/** @throws Error that says what is wrong with the id */
export function planChannel(root: string, id: string, title = titleOf(id)): Plan {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id) || id.length > MOST_LETTERS)
    throw new Error(
      `"${id}" is no id of a channel: small letters, digits and single dashes, a letter first, at most ${MOST_LETTERS}. Example: acme-shop.`,
    )
  const name = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  if (TAKEN.has(name)) throw new Error(`"${id}" cannot be the name of a channel: the word is taken.`)
  if (!/^[^'\\<>*\n]{1,60}$/.test(title)) throw new Error('A title has at most 60 characters, without quotes, backslashes, stars and angle brackets.')
  const there = [`connectors/${id}`, `mappings/${id}.ts`, `mappings/${id}`, `sandbox/${id}`, `docs/channels/${id}.md`].find((path) =>
    existsSync(join(root, path)),
  )
  if (there !== undefined) throw new Error(`${there} is there already. Choose another id, or go on with what is there.`)
  const type = name.charAt(0).toUpperCase() + name.slice(1)
  const filled = (path: string): string =>
    readFileSync(join(templates, path), 'utf8')
      .replaceAll('__id__', () => id)
      .replaceAll('__name__', () => name)
      .replaceAll('__Type__', () => type)
      .replaceAll('__title__', () => title)
  const folder = (from: string, to: string): readonly (readonly [string, string])[] =>
    readdirSync(join(templates, from)).map((file) => [`${to}/${file.replace(/\.txt$/, '')}`, filled(`${from}/${file}`)] as const)
  const files = new Map([
    ...folder('connector', `connectors/${id}`),
    ...folder('sandbox', `sandbox/${id}`),
    [`mappings/${id}.ts`, filled('mapping.ts.txt')],
    [`connectors/${id}/fixtures/order-example.json`, filled('fixture.json')],
    [`docs/channels/${id}.md`, filled('page.md')],
  ])
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const changed = new Map([
    ['connectors/index.ts', listed(withImport(read('connectors/index.ts'), `import { ${name} } from './${id}/index.ts'`), name)],
    ['mappings/index.ts', listed(withImport(read('mappings/index.ts'), `import { ${name} } from './${id}.ts'`), name)],
    ['sandbox/server.ts', simulated(withImport(read('sandbox/server.ts'), `import { create${type} } from './${id}/index.ts'`), { id, type })],
  ])
  return { files, changed }
}

const titleOf = (id: string): string =>
  id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

const moduleOf = (line: string): string => / from '\.\/([^']+)'/.exec(line)?.[1] ?? ''

/** The import before the first one of a later folder; behind the last where there is none. */
function withImport(source: string, line: string): string {
  const lines = source.split('\n')
  const own = lines.flatMap((text, i) => (/^import .* from '\.\/(?!stage\/)/.test(text) ? [i] : []))
  const later = own.find((i) => moduleOf(lines[i] ?? '') > moduleOf(line))
  const at = later ?? (own.at(-1) ?? -1) + 1
  return [...lines.slice(0, at), line, ...lines.slice(at)].join('\n')
}

/** One more name in the list of all, which is kept in the order of the alphabet. */
function listed(source: string, name: string): string {
  const found = /(const all: readonly \w+\[\] = \[)([^\]]*)\]/.exec(source)
  if (!found) throw new Error('The list of all channels was not found in a registry file: add the new one there by hand.')
  const names = (found[2] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  const all = [...names, name].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()))
  return source.replace(found[0], `${found[1]}${all.join(', ')}]`)
}

function simulated(source: string, { id, type }: { readonly id: string; readonly type: string }): string {
  const begin = /^const simulators: .*= \{$/m.exec(source)
  if (!begin) throw new Error('The list of simulators was not found in sandbox/server.ts: add the new one there by hand.')
  const at = begin.index + begin[0].length
  return `${source.slice(0, at)}\n  ${/-/.test(id) ? `'${id}'` : id}: (options) => create${type}(options),${source.slice(at)}`
}

function main([id = '', ...title]: readonly string[]): number {
  const root = join(here, '..')
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  try {
    const plan = planChannel(root, id, title.length === 0 ? titleOf(id) : title.join(' '))
    for (const [path, text] of [...plan.files, ...plan.changed]) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const sources = [...plan.files.keys(), ...plan.changed.keys()].filter((path) => path.endsWith('.ts'))
    spawnSync(join(root, 'node_modules', '.bin', 'oxfmt'), sources, { cwd: root, stdio: 'ignore' })
    for (const path of plan.files.keys()) say(`wrote    ${path}`)
    for (const path of plan.changed.keys()) say(`changed  ${path}`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  say('')
  say(`Now:  grep -rn "FILL IN" connectors/${id} mappings/${id}.ts sandbox/${id} docs/channels/${id}.md`)
  say(`      npx vitest run --project unit test/conformance/kit.test.ts -t "^${id} "`)
  say('      docs/write-a-connector.md says in which order.')
  return 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = main(process.argv.slice(2))
