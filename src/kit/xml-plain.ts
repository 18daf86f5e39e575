/** What elements become; the same shape that xml2js makes of them. */
interface Tree {
  [name: string]: unknown
}

interface Cursor {
  readonly text: string
  at: number
}

const MAX_DEPTH = 100
const START = /^(?:<\?xml version="1\.[01]"(?: encoding="[A-Za-z][\w.-]*")?(?: standalone="(?:yes|no)")?\s*\?>)?[ \t\r\n]*(?=<)/

/**
 * Reads the plain part of XML: elements with attributes and either children or text, the five named entities, nothing else.
 * Nearly every document that channels send is plain, and read like this it costs a tenth. Undefined for all others, whether they are
 * malformed or merely richer (CDATA, comments, other entities, text beside children): what those mean, or whether they
 * mean anything, is for a whole parser to say.
 */
export function parsePlainXml(text: string): Readonly<Record<string, unknown>> | undefined {
  const start = START.exec(text)
  if (!start) return undefined
  const cursor: Cursor = { text, at: start[0].length }
  const tree: Tree = {}
  if (!readElement(cursor, tree, 1) || !isBlank(text, cursor.at, text.length)) return undefined
  for (const name of Object.keys(tree)) return { [name]: firstOf(tree[name]) }
  return undefined
}

const firstOf = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined)

/** Reads the element whose "<" stands at the cursor and adds it to its parent; false when it is not plain. */
function readElement(cursor: Cursor, parent: Tree, depth: number): boolean {
  const { text } = cursor
  const name = nameAt(text, cursor.at + 1)
  if (name === '' || name === '_' || name in OBJECT || depth > MAX_DEPTH) return false
  cursor.at += 1 + name.length
  const attributes = text.charCodeAt(cursor.at) === GREATER ? undefined : readAttributes(cursor)
  if (text.charCodeAt(cursor.at) === SLASH && text.charCodeAt(cursor.at + 1) === GREATER) {
    cursor.at += 2
    add(parent, name, attributes ? { $: attributes } : '')
    return true
  }
  if (text.charCodeAt(cursor.at) !== GREATER) return false
  cursor.at++
  const next = text.indexOf('<', cursor.at)
  const content = text.charCodeAt(next + 1) === SLASH ? readText(cursor, next, attributes) : readChildren(cursor, attributes, depth)
  if (content === undefined) return false
  add(parent, name, content)
  if (!text.startsWith(name, cursor.at + 2)) return false
  cursor.at += name.length + 3
  return text.charCodeAt(cursor.at - 1) === GREATER
}

/** Text up to `end`, where the closing tag begins. Blank text counts for nothing beside attributes, and stands alone without them. */
function readText(cursor: Cursor, end: number, attributes: Tree | undefined): Tree | string | undefined {
  const found = cursor.text.slice(cursor.at, end)
  const value = found.includes('&') ? withoutEntities(found) : found
  if (value === undefined) return undefined
  cursor.at = end
  if (value.trim() !== '') return attributes ? { _: value, $: attributes } : { _: value }
  return attributes ? { $: attributes } : value
}

/** Children up to the closing tag, where the cursor stops. */
function readChildren(cursor: Cursor, attributes: Tree | undefined, depth: number): Tree | undefined {
  const { text } = cursor
  const node: Tree = attributes ? { $: attributes } : {}
  for (;;) {
    const next = text.indexOf('<', cursor.at)
    if (next === -1 || !isBlank(text, cursor.at, next)) return undefined
    cursor.at = next
    if (text.charCodeAt(next + 1) === SLASH) return node
    if (!readElement(cursor, node, depth + 1)) return undefined
  }
}

const ATTRIBUTE = /[ \t\r\n]+([A-Za-z_][\w.:-]*)="([^"<&\u0000-\u001f]*)"/y
const BLANKS = /[ \t\r\n]*/y

/** Attributes up to the end of the tag, or to the first that is not plain, where no tag ends. */
function readAttributes(cursor: Cursor): Tree | undefined {
  let attributes: Tree | undefined
  for (;;) {
    ATTRIBUTE.lastIndex = cursor.at
    const match = ATTRIBUTE.exec(cursor.text)
    if (!match) break
    const [all, name = '', value = ''] = match
    attributes ??= {}
    if (name in attributes) return undefined
    attributes[name] = value
    cursor.at += all.length
  }
  BLANKS.lastIndex = cursor.at
  cursor.at += BLANKS.exec(cursor.text)?.[0].length ?? 0
  return attributes
}

function add(parent: Tree, name: string, value: unknown): void {
  const known = parent[name]
  if (Array.isArray(known)) known.push(value)
  else parent[name] = [value]
}

/** Names that every object answers to are left to the whole parser. */
const OBJECT = {}

const SLASH = 0x2f
const GREATER = 0x3e
const NAME = /[A-Za-z_][\w.:-]*/y

function nameAt(text: string, at: number): string {
  NAME.lastIndex = at
  return NAME.exec(text)?.[0] ?? ''
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return false
  }
  return true
}

const ENTITY = /&(?:(amp|lt|gt|quot|apos);)?/g
const MEANING: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function withoutEntities(text: string): string | undefined {
  let known = true
  const read = text.replace(ENTITY, (_, name: string | undefined) => {
    known &&= name !== undefined
    return MEANING.get(name ?? '') ?? ''
  })
  return known ? read : undefined
}
