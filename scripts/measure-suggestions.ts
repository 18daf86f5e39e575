import { readFileSync } from 'node:fs'
import { argv, exit, stdout } from 'node:process'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { SkuIndex, type Suggestion } from '../src/store/suggest/suggest-skus.ts'

/**
 * How often suggestions by title are right: `npx tsx scripts/measure-suggestions.ts FILE` with a CSV (also .gz) that has columns
 * StockCode and Description, one code with several descriptions, as UCI's "Online Retail". The commonest description of each code is
 * the title of its SKU; each of the others is asked for. Codes and barcodes play no part.
 */
const rows = z.array(z.looseObject({ StockCode: z.string(), Description: z.string() }))
const file = argv[2]
if (file === undefined) {
  stdout.write('Usage: npx tsx scripts/measure-suggestions.ts FILE.csv[.gz]\n')
  exit(2)
}
const bytes = readFileSync(file)
const read = rows.parse(parse(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes, { columns: true, bom: true }))

/** code → description → how often. */
const codes = new Map<string, Map<string, number>>()
for (const row of read) {
  const described = codes.get(row.StockCode) ?? new Map<string, number>()
  codes.set(row.StockCode, described.set(row.Description.trim(), (described.get(row.Description.trim()) ?? 0) + 1))
}
const severalWithBlank = [...codes.values()].filter((described) => described.size > 1).length
for (const described of codes.values()) described.delete('')

/** What warehouse staff wrote instead of a name ("damaged", "?"): at four codes or more, or without a word in capitals. */
const mentions = new Map<string, number>()
for (const described of codes.values()) for (const title of described.keys()) mentions.set(title, (mentions.get(title) ?? 0) + 1)
const isNote = (title: string): boolean => (mentions.get(title) ?? 0) >= 4 || !/[A-Z]{3}/.test(title)

const titleOf = new Map<string, string>()
for (const [code, described] of codes) {
  const names = [...described].filter(([title]) => !isNote(title)).toSorted((a, b) => b[1] - a[1])
  if (names[0]) titleOf.set(code, names[0][0])
}
const indexOf = (without?: string): SkuIndex => {
  const index = new SkuIndex()
  for (const [code, title] of titleOf) if (code !== without) index.add({ sku: code, title, barcode: null })
  return index
}

interface Answer {
  readonly code: string
  readonly title: string
  readonly note: boolean
  readonly suggestions: readonly Suggestion[]
}
const index = indexOf()
const ask = (title: string): readonly Suggestion[] => index.suggest({ channel_sku: '', barcode: null, title })
const started = performance.now()
const answers: readonly Answer[] = [...titleOf].flatMap(([code, own]) =>
  [...(codes.get(code)?.keys() ?? [])]
    .filter((title) => title !== own)
    .map((title) => ({ code, title, note: isNote(title), suggestions: ask(title) })),
)
const perQuestion = (performance.now() - started) / answers.length
/** As if the SKU were not in the master: whatever is suggested then is wrong. */
const absent = answers
  .filter(({ note }) => !note)
  .map((answer) => ({ ...answer, suggestions: answer.suggestions.filter(({ sku }) => sku !== answer.code) }))

const percent = (part: number, of: number): string => (of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} %`)
const isRight = ({ code, suggestions }: Answer): boolean => suggestions[0]?.sku === code
const say = (line: string): void => void stdout.write(`${line}\n`)

say(
  `${codes.size} codes; ${severalWithBlank} with several descriptions (blank counted), ${[...codes.values()].filter((d) => d.size > 1).length} without blank ones`,
)
say(
  `${titleOf.size} SKUs in the master; ${answers.length} other descriptions, ${answers.filter(({ note }) => note).length} of them notes; ${perQuestion.toFixed(2)} ms a question`,
)
const names = answers.filter(({ note }) => !note)
say(
  `names: top 1 ${percent(names.filter(isRight).length, names.length)}, top 5 ${percent(names.filter(({ code, suggestions }) => suggestions.some(({ sku }) => sku === code)).length, names.length)} of ${names.length}`,
)
say('| confidence of the first | all asked | right | names only | right | SKU not in the master: suggested |')
say('|---|---|---|---|---|---|')
for (const [from, to] of [
  [0.9, 1],
  [0.8, 0.9],
  [0.7, 0.8],
  [0.5, 0.7],
  [0.3, 0.5],
  [0.05, 0.3],
] as const) {
  const within = ({ suggestions: [first] }: Answer): boolean => first !== undefined && first.confidence >= from && (first.confidence < to || to === 1)
  const [all, named] = [answers.filter(within), names.filter(within)]
  say(
    `| ${from}–${to} | ${all.length} | ${percent(all.filter(isRight).length, all.length)} | ${named.length} | ${percent(named.filter(isRight).length, named.length)} | ${absent.filter(within).length} of ${absent.length} |`,
  )
}
say(
  `nothing suggested: ${percent(answers.filter(({ note, suggestions }) => note && suggestions.length === 0).length, answers.length - names.length)} of notes, ${percent(names.filter(({ suggestions }) => suggestions.length === 0).length, names.length)} of names`,
)
