import type { InventoryReading, InventoryWrite, Outcome } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { matches, pick, pickText } from '../../src/core/pick.ts'
import { absentAs, faultOf } from '../../src/kit/outcomes.ts'
import { asList } from '../../src/kit/read.ts'
import { chunked, pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { sendJson } from './client.ts'
import type { StockRead, StockWrite } from './description.ts'
import { MAX_BATCH, type RestCall } from './manifest.ts'
import { fillBody, fillPath, fillQuery, type Values } from './template.ts'

type Place = Pick<InventoryWrite, 'key' | 'ids' | 'sku'>

/** Absolute levels by the first rule that fits each, one call for all that share rule and address. */
export async function pushInventory(call: RestCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  const rules = call.config.stock?.write ?? []
  return pushInGroups(writes, {
    unsendable: (write) => unsendable(write, rules),
    groupsOf: (sendable) => grouped(sendable, rules).flatMap(({ rule, places }) => chunked(places, rule.batch)),
    write: (group) => writeGroup(call, group, ruleOf(group[0], rules)),
  })
}

const ruleOf = <R extends { readonly when?: string | undefined }>(place: Pick<Place, 'ids'> | undefined, rules: readonly R[]): R | undefined =>
  rules.find((rule) => rule.when === undefined || (place?.ids[rule.when] ?? '') !== '')

function unsendable(write: InventoryWrite, rules: readonly StockWrite[]): Fault | undefined {
  if (!Number.isSafeInteger(write.quantity)) return { kind: 'refused', code: 'quantity-not-whole', message: 'Levels are sent in whole pieces.' }
  const rule = ruleOf(write, rules)
  if (!rule) return { kind: 'refused', code: 'not-described', message: 'The settings describe no stock call for this listing.' }
  return addressed(rule, write) instanceof ChannelError ? UNADDRESSED : undefined
}

const UNADDRESSED: Fault = { kind: 'refused', code: 'listing-ids', message: 'The listing lacks an id that its stock call needs.' }

/** The path of the call for one place, or why it has none. */
function addressed(rule: StockWrite | StockRead, place: Place): string | ChannelError {
  try {
    return fillPath(rule.path, valuesOf(place))
  } catch (error) {
    if (error instanceof ChannelError) return error
    throw error
  }
}

/** A level as text; an empty one is none, and not zero. */
const levelOf = (text: string | undefined): number => (/^-?\d{1,15}(?:\.\d+)?$/.test(text ?? '') ? Number(text) : Number.NaN)

const valuesOf = (place: Place & { readonly quantity?: number }): Values => ({
  ...place.ids,
  sku: place.sku,
  key: place.key,
  quantity: place.quantity === undefined ? undefined : String(place.quantity),
})

/** Places under their rule and the address it makes of them. */
function grouped<P extends Place, R extends StockWrite | StockRead>(
  places: readonly P[],
  rules: readonly R[],
): readonly { readonly rule: R; readonly places: readonly P[] }[] {
  const groups = new Map<string, { readonly rule: R; readonly places: P[] }>()
  for (const place of places) {
    const rule = ruleOf(place, rules)
    const path = rule && addressed(rule, place)
    if (rule === undefined || typeof path !== 'string') continue
    const address = `${rules.indexOf(rule)} ${path}`
    const group = groups.get(address) ?? { rule, places: [] }
    group.places.push(place)
    groups.set(address, group)
  }
  return [...groups.values()]
}

async function writeGroup(call: RestCall, group: readonly InventoryWrite[], rule: StockWrite | undefined): Promise<readonly Outcome[] | Fault> {
  const [first] = group
  if (!rule || !first) return group.map(({ key }) => unanswered(key))
  const values = valuesOf(first)
  try {
    const { doc } = await sendJson(call, {
      method: rule.method,
      path: fillPath(rule.path, values),
      query: fillQuery(rule.query, values),
      body: fillBody(rule.body, values, { items: group.map(valuesOf) }),
      idempotent: false,
    })
    const { answer } = rule
    if (!answer) return group.map(({ key, quantity }) => ({ key, status: 'applied', proof: { quantity: String(quantity) } }))
    const answers = new Map(asList(pick(doc, answer.items)).map((item) => [pickText(item, answer.id) ?? '', item]))
    return group.map((write) => outcomeOf(call, write, { item: answers.get(write.ids[answer.item] ?? ''), answer }))
  } catch (error) {
    return faultOf(error)
  }
}

function outcomeOf(
  call: RestCall,
  write: InventoryWrite,
  given: { readonly item: unknown; readonly answer: NonNullable<StockWrite['answer']> },
): Outcome {
  const { item, answer } = given
  const { key } = write
  if (item === undefined) return unanswered(key)
  if (answer.error !== undefined && pick(item, answer.error) !== undefined) {
    const code = (answer.code === undefined ? undefined : pickText(item, answer.code)) ?? 'refused'
    const { kinds } = call.config.errors
    const kind = Object.hasOwn(kinds, code) && kinds[code] === 'missing' ? 'missing' : 'refused'
    return { key, status: 'refused', fault: { kind, code, message: 'The channel refused this level.' } }
  }
  const shown = answer.quantity === undefined ? undefined : pickText(item, answer.quantity)
  if (answer.quantity === undefined || levelOf(shown) === write.quantity)
    return { key, status: 'applied', proof: { quantity: String(write.quantity) } }
  const message = 'The channel answered with another quantity: something else changed it at the same time.'
  return { key, status: 'unknown', fault: { kind: 'in-doubt', code: 'other-quantity', message } }
}

/** What the channel shows now; undefined where it does not count, has no such listing, or the settings do not say how to ask. */
export async function readInventory(call: RestCall, listings: readonly Place[]): Promise<readonly InventoryReading[]> {
  const shown = new Map<string, number>()
  for (const { rule, places } of grouped(listings, call.config.stock?.read ?? [])) {
    for (const group of chunked(places, rule.batch)) {
      const [first] = group
      if (!first) continue
      const values = { ...valuesOf(first), ids: group.map((place) => place.ids[rule.item] ?? '').join(','), limit: String(MAX_BATCH) }
      const answer = await absentAs(sendJson(call, { path: fillPath(rule.path, values), query: fillQuery(rule.query, values) }))
      const at = pick(answer?.doc, rule.items)
      const items = new Map((Array.isArray(at) ? asList(at) : [at]).map((item) => [pickText(item, rule.id) ?? '', item]))
      for (const place of group) {
        const item = items.get(place.ids[rule.item] ?? '')
        const quantity = levelOf(pickText(item, rule.quantity))
        if (Number.isFinite(quantity) && (rule.counted === undefined || matches(item, rule.counted))) shown.set(place.key, quantity)
      }
    }
  }
  return listings.map(({ key }) => ({ key, quantity: shown.get(key) }))
}
