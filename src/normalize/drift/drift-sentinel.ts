import type pg from 'pg'
import type { MapContext, Mapping } from '../../core/mapping.ts'
import { keepDrift, loadShape, type KnownShape, type Sighting } from '../../store/drift/keep-drift.ts'
import { join, type Place } from '../../store/drift/shape.ts'
import type { MappedRaw } from '../prepare.ts'
import { compareShape, type News } from './compare-shape.ts'
import { documentShape } from './document-shape.ts'
import { pathsRead } from './paths-read.ts'

/** Of the documents that map, one in so many is looked at once the connection is known. */
const ONE_IN = 50
/** Documents looked at between two writes: while learning, and of those that fail. */
const MOST_AT_ONCE = 200
const SAMPLES = 5

interface Watched {
  readonly connectionId: string
  readonly kind: string
  known: KnownShape | undefined
  loading: boolean
  passed: number
  failed: number
  seen: number
  learn: Map<string, Place>
  readonly sightings: Map<string, Sighting>
}

/** Notices what is new in documents: new members, other types, new words of states. Keeps what it learned in the database, for all workers. */
export class DriftSentinel {
  readonly #watched = new Map<string, Map<string, Watched>>()
  readonly #pool: pg.Pool
  readonly #now: () => Date

  readonly #oneIn: number

  /** @param oneIn how many documents that map pass for each that is looked at, once a connection is known */
  constructor(deps: { readonly pool: pg.Pool; readonly now: () => Date }, oneIn = ONE_IN) {
    this.#pool = deps.pool
    this.#now = deps.now
    this.#oneIn = oneIn
  }

  /** A document that was just mapped, or held. Never throws; nearly always returns at once. */
  look(context: MapContext, mapping: Mapping, doc: unknown, { raw, outcome }: MappedRaw): void {
    const one = this.#of(context.connectionId, raw.kind)
    if (one.known === undefined) return void this.#load(one)
    if (!this.#isDue(one, outcome.kind === 'held') || typeof doc !== 'object' || doc === null) return
    try {
      this.#compare(one, one.known, { context, mapping, doc, raw, failing: outcome.kind === 'held' })
    } catch {
      // What cannot be looked at is somebody else's trouble: the document itself went its way.
    }
  }

  /** All while learning, then a sample, and what fails; documents that fail teach nothing. */
  #isDue(one: Watched, failing: boolean): boolean {
    const learned = one.known?.learned === true
    if (failing) return learned && ++one.failed <= MOST_AT_ONCE
    return learned ? ++one.passed % this.#oneIn === 0 : one.seen < MOST_AT_ONCE
  }

  #compare(
    one: Watched,
    known: KnownShape,
    { context, mapping, doc, raw, failing }: { context: MapContext; mapping: Mapping; doc: object; raw: MappedRaw['raw']; failing: boolean },
  ): void {
    const document = documentShape(doc)
    one.seen += 1
    if (!known.learned) {
      join(one.learn, document)
      return
    }
    const { news, learn } = compareShape(document, known.shape)
    if (!failing) join(one.learn, learn)
    if (news.length === 0) return
    // What the mapping looks at and takes is no news to it; another type is, however it was taken.
    const read = failing ? NONE : pathsRead(mapping, { ...raw, doc }, context)
    for (const item of news) {
      if (item.what !== 'type' && read.has(item.path)) join(one.learn, new Map([[item.path, item.place]]))
      else this.#note(one, item, raw.externalId, failing)
    }
  }

  #note(one: Watched, { what, path, detail }: News, externalId: string, failing: boolean): void {
    const key = `${what} ${path} ${detail}`
    const before = one.sightings.get(key)
    const now = this.#now()
    one.sightings.set(key, {
      what,
      path,
      detail,
      count: (before?.count ?? 0) + 1,
      failing: failing || before?.failing === true,
      samples: [externalId, ...(before?.samples.filter((id) => id !== externalId) ?? [])].slice(0, SAMPLES),
      firstAt: before?.firstAt ?? now,
      lastAt: now,
    })
  }

  /** Writes down what was gathered, and reads what others learned. */
  async flush(): Promise<void> {
    for (const one of [...this.#watched.values()].flatMap((kinds) => [...kinds.values()])) {
      one.failed = 0
      if (one.known === undefined) await this.#load(one)
      else if (one.learn.size > 0 || one.sightings.size > 0) await this.#write(one)
      else one.seen = 0
    }
  }

  async #write(one: Watched): Promise<void> {
    const { connectionId, kind, seen, learn } = one
    const sightings = [...one.sightings.values()]
    one.seen = 0
    one.learn = new Map()
    one.sightings.clear()
    one.known = await keepDrift(this.#pool, { connectionId, kind, seen, learn, sightings })
  }

  async #load(one: Watched): Promise<void> {
    if (one.loading) return
    one.loading = true
    try {
      one.known = await loadShape(this.#pool, one.connectionId, one.kind)
    } catch {
      // Asked again with the next document.
    } finally {
      one.loading = false
    }
  }

  #of(connectionId: string, kind: string): Watched {
    let kinds = this.#watched.get(connectionId)
    if (kinds === undefined) this.#watched.set(connectionId, (kinds = new Map()))
    let one = kinds.get(kind)
    if (one === undefined) {
      one = { connectionId, kind, known: undefined, loading: false, passed: 0, failed: 0, seen: 0, learn: new Map(), sightings: new Map() }
      kinds.set(kind, one)
    }
    return one
  }
}

const NONE: ReadonlySet<string> = new Set()
