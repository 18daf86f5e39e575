import iconv from 'iconv-lite'
import { ChannelError, DomainError } from '../../core/fault.ts'
import type { FileFormat } from '../../core/field-map.ts'
import { parseJson } from '../json.ts'
import { parseXml } from '../xml.ts'
import { listAt, tableOfDocuments } from './flatten.ts'
import type { Encoding } from './scan-file.ts'
import { readWhole } from './source.ts'
import type { FileSource } from './source.ts'
import type { FileTable } from './table.ts'

const MAX_JSON_BYTES = 60_000_000
const MAX_XML_BYTES = 2_000_000 // more would hold up everything else in this process while it is parsed

/** Opens a JSON document, a JSON list or one document per line (NDJSON). Numbers keep all their digits. */
export async function readJson(source: FileSource, encoding: Encoding, format: FileFormat): Promise<FileTable> {
  const text = iconv.decode(await readWhole(source, MAX_JSON_BYTES), encoding).trim()
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const ndjson = lines.length > 1 && lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'))
  const doc: unknown = ndjson
    ? lines.map((line, i) => parsed(() => parseJson(line), `${source.name}, line ${i + 1},`))
    : parsed(() => parseJson(text), source.name)
  return tableOfDocuments(listAt(doc, format.documents, source.name), format.lines)
}

/** Opens an XML document. Attributes are columns "element.$.attribute"; an element with attributes keeps its text under its own name. */
export async function readXml(source: FileSource, encoding: Encoding, format: FileFormat): Promise<FileTable> {
  const bytes = await readWhole(source, MAX_XML_BYTES)
  const declared = /^<\?xml[^>]*encoding=["']([\w-]+)["']/i.exec(bytes.subarray(0, 200).toString('latin1'))?.[1]
  const text = iconv.decode(bytes, format.encoding === 'auto' && declared !== undefined && iconv.encodingExists(declared) ? declared : encoding)
  const doc = await parseXml(text).catch((error: unknown) => {
    throw unreadable(source.name, error)
  })
  return tableOfDocuments(listAt(doc, format.documents, source.name), format.lines)
}

function parsed<T>(parse: () => T, what: string): T {
  try {
    return parse()
  } catch (error) {
    throw unreadable(what, error)
  }
}

const unreadable = (what: string, error: unknown): DomainError =>
  new DomainError(
    'file-unreadable',
    `${what} could not be read: ${error instanceof ChannelError ? error.fault.message : 'it is damaged'}`,
    {},
    { cause: error },
  )
