/** A run of Chinese characters, or a word of any other letters and digits. */
const RUN = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu
const HAN = /^\p{Script=Han}/u
const LONGEST = 300

const folded = (title: string): string => title.slice(0, LONGEST).normalize('NFKC').toLowerCase()

/**
 * What a title is compared by: three letters in a row of each word (which survives misspelling and another order of words), and single
 * and paired characters of Chinese, where words have no ends. Each once.
 */
export function titleFeatures(title: string): ReadonlySet<string> {
  const features = new Set<string>()
  for (const [run] of folded(title).matchAll(RUN)) {
    if (HAN.test(run)) addCharacters([...run], features)
    else addTrigrams(`  ${run} `, features)
  }
  return features
}

function addCharacters(run: readonly string[], features: Set<string>): void {
  for (const [i, character] of run.entries()) {
    features.add(character)
    if (i > 0) features.add(`${run[i - 1] ?? ''}${character}`)
  }
}

function addTrigrams(padded: string, features: Set<string>): void {
  for (let at = 0; at + 3 <= padded.length; at++) features.add(padded.slice(at, at + 3))
}

/** Words that make another article of the same name: numbers and letters of sizes. */
const MARK = /\d+(?:\.\d+)?|(?<![\p{L}\p{N}])(?:x{0,3}s|m|x{0,4}l|[2-9]xl)(?![\p{L}\p{N}])/gu

export const titleMarks = (title: string): ReadonlySet<string> => new Set(Array.from(folded(title).matchAll(MARK), ([mark]) => mark))

/** Both say which one they are, and neither says all that the other does: "M 38" and "L 38". */
export function marksClash(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size === 0 || b.size === 0) return false
  let shared = 0
  for (const mark of a) if (b.has(mark)) shared++
  return shared < Math.min(a.size, b.size)
}
