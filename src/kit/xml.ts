import { Parser } from 'xml2js'
import { ChannelError } from '../core/fault.ts'
import { parsePlainXml } from './xml-plain.ts'

const MAX_BYTES = 2_000_000
const MAX_DEPTH = 100

/**
 * Parses XML into plain objects: text under "_", attributes under "$", every child an array (one or many look alike).
 * Document type declarations are refused (no entities, no outside files), so are two roots, more than 2 MB, nesting
 * deeper than 100, NUL characters and HTML pages.
 * @throws ChannelError `unreadable`; the message never quotes the document.
 */
export async function parseXml(text: string): Promise<Readonly<Record<string, unknown>>> {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  assertReadable(source)
  const plain = parsePlainXml(source)
  if (plain) return plain
  assertHarmless(source)
  const parser = new Parser({ explicitArray: true, explicitCharkey: true, explicitRoot: true, async: false, strict: true })
  const parsed = await parser.parseStringPromise(source).then(
    (value: unknown) => value,
    (error: unknown) => {
      // The parser quotes the document in its messages.
      throw unreadable('The document is not well-formed XML.', error)
    },
  )
  if (typeof parsed !== 'object' || parsed === null) throw unreadable('The document holds no XML element.')
  return Object.fromEntries(Object.entries(parsed))
}

/** Refuses what no kind of reading may begin with. */
function assertReadable(text: string): void {
  if (Buffer.byteLength(text) > MAX_BYTES) throw unreadable(`The document is larger than ${MAX_BYTES} bytes.`)
  if (text.includes('\u0000')) throw unreadable('The document holds a NUL character.')
  if (/^\s*<(?:!doctype\s+html|html[\s>])/i.test(text.slice(0, 500))) throw unreadable('The document is an HTML page.')
}

/** Refuses what the parser would accept silently or die of. */
function assertHarmless(text: string): void {
  let depth = 0
  let roots = 0
  for (const tag of tags(text)) {
    if (tag.kind === 'declaration') throw unreadable('The document carries a type declaration, which is refused.')
    if (tag.kind === 'close') {
      depth--
      continue
    }
    if (depth === 0) roots++
    if (tag.kind === 'open') depth++
    if (depth > MAX_DEPTH) throw unreadable(`The document nests deeper than ${MAX_DEPTH} levels.`)
  }
  if (roots > 1) throw unreadable('The document has more than one root element.')
}

/** Tags in document order, in one linear pass; comments, CDATA sections and processing instructions are stepped over. */
function* tags(text: string): Generator<{ readonly kind: 'open' | 'close' | 'empty' | 'declaration' }> {
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const skipped = SKIPPED.find(([begin]) => text.startsWith(begin, at))
    if (skipped) {
      const end = text.indexOf(skipped[1], at + skipped[0].length)
      if (end === -1) return
      at = end + skipped[1].length
      continue
    }
    if (text.startsWith('<!', at)) yield { kind: 'declaration' }
    const end = endOfTag(text, at)
    if (end === -1) return
    yield { kind: text.charAt(at + 1) === '/' ? 'close' : text.charAt(end - 1) === '/' ? 'empty' : 'open' }
    at = end + 1
  }
}

const SKIPPED: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
]

/** Position of the ">" that closes the tag at `at`; a ">" inside an attribute value does not count. */
function endOfTag(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '>') return i
    if (char === '"' || char === "'") {
      i = text.indexOf(char, i + 1)
      if (i === -1) return -1
    }
  }
  return -1
}

const unreadable = (message: string, cause?: unknown): ChannelError =>
  new ChannelError({ kind: 'unreadable', message }, cause instanceof Error ? { cause: new Error(cause.name) } : {})
