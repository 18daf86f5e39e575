import type { JsonType, Place, Shape } from '../../store/drift/shape.ts'

const DEEPEST = 16
const MOST_ELEMENTS = 50
/** Objects with more members than this are tables under keys that vary. */
const MOST_MEMBERS = 150

/** A name a developer gave: no number, no sentence, nothing of a person. */
const NAME = /^[\p{L}_$@][\p{L}\p{N}_.:$@ -]{0,59}$/u
const VARIES = /\d{4}|@.*\./

/** The last word of such a name says that a few words alternate there. */
const OF_WORDS = /(?:^|[^a-z])(?:status|state|type|kind|mode|method|stage|flag)s?$|(?:状态|类型|方式)$/
/** Below these a "state" is a province and a "type" may be anything about a person. */
const OF_PEOPLE =
  /address|receiver|recipient|buyer|customer|consignee|contact|person|payer|user|member|^(?:shipping|billing|destination|origin|from|to|note|memo|remark)$|地址|收件|收货|买家|会员|备注/
const WORD = /^[\p{L}\p{N}_. -]{1,40}$/u
const LIKE_A_NUMBER = /\d{5}/

const spelled = (name: string): string => name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase()

/** What the name of a member says. */
interface Name {
  /** As a step of a path, escaped; `*` where it varies. */
  readonly step: string
  readonly aboutPerson: boolean
  readonly ofWords: boolean
}

const MOST_KEPT = 5000
const kept = new Map<string, Name>()

/** The same few names come again and again, and looking at them would be the dearest part. */
function nameOf(key: string): Name {
  const known = kept.get(key)
  if (known !== undefined) return known
  const step = !NAME.test(key) || VARIES.test(key) ? '*' : key
  const text = spelled(step)
  const name = { step: step.replaceAll('~', '~0').replaceAll('/', '~1'), aboutPerson: OF_PEOPLE.test(text), ofWords: OF_WORDS.test(text) }
  if (kept.size < MOST_KEPT && key.length <= 60) kept.set(key, name)
  return name
}

const VARYING: Name = { step: '*', aboutPerson: false, ofWords: false }

interface Draft {
  readonly types: Set<JsonType>
  seen: 1
  words?: Set<string>
}

/**
 * Which places a document has, of which types, and which words stand where a few alternate. Nothing else of its content: names of members are
 * taken when they look like names, and words only where a member is called a status, state, type, kind, mode or method and none above it is about a person.
 */
export function documentShape(doc: unknown): Shape {
  const places = new Map<string, Draft>()
  const visit = (value: unknown, path: string, ofWords: boolean, aboutPerson: boolean, depth: number): void => {
    let place = places.get(path)
    if (place === undefined) places.set(path, (place = { types: new Set(), seen: 1 }))
    const type = typeOf(value)
    if (type === undefined) return
    place.types.add(type)
    if (depth >= DEEPEST) return
    if (Array.isArray(value)) {
      for (const element of value.slice(0, MOST_ELEMENTS)) visit(element, `${path}/*`, ofWords, aboutPerson, depth + 1)
    } else if (isObject(value)) {
      const keys = Object.keys(value)
      for (const key of keys) {
        const name = keys.length > MOST_MEMBERS ? VARYING : nameOf(key)
        visit(value[key], `${path}/${name.step}`, name.ofWords, aboutPerson || name.aboutPerson, depth + 1)
      }
    } else if (ofWords && !aboutPerson) {
      const word = wordOf(value)
      if (word !== undefined) (place.words ??= new Set()).add(word)
    }
  }
  visit(doc, '', false, false, 0)
  return places satisfies ReadonlyMap<string, Place>
}

/** undefined where nothing stands: null, an empty text or list, and texts that may be a number too long for one. */
function typeOf(value: unknown): JsonType | undefined {
  if (typeof value === 'string') return value === '' || /^-?\d{15,}$/.test(value) ? undefined : 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'yes-no'
  if (Array.isArray(value)) return 'list'
  return isObject(value) ? 'object' : undefined
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 10_000 ? String(value) : undefined
  return typeof value === 'string' && WORD.test(value) && !LIKE_A_NUMBER.test(value) ? value : undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
