import {
  getArgumentValues,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isUnionType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { ShopifySettings } from './shop.ts'

interface Bill {
  readonly schema: GraphQLSchema
  readonly variables: Readonly<Record<string, unknown>>
}

/**
 * Points of a query: objects that are nodes cost one each, connections and lists as many times their elements as were asked
 * for (or, with `data`, were there), a mutation ten more. Shopify publishes the principle; the exact weights are its own.
 */
export function costOf(bill: Bill, document: DocumentNode, data?: unknown): number {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return 0
  const root = operation.operation === 'mutation' ? bill.schema.getMutationType() : bill.schema.getQueryType()
  if (!root) return 0
  const base = operation.operation === 'mutation' ? 10 : 0
  return base + costOfSet(bill, { set: operation.selectionSet, type: root, found: data, known: data !== undefined })
}

interface Part {
  readonly set: SelectionSetNode
  readonly type: GraphQLNamedType
  readonly found: unknown
  readonly known: boolean
}

function costOfSet(bill: Bill, { set, type, found, known }: Part): number {
  let points = 0
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition ? bill.schema.getType(selection.typeCondition.name.value) : type
      if (on) points += costOfSet(bill, { set: selection.selectionSet, type: on, found, known })
    }
    if (selection.kind === Kind.FIELD) points += costOfField(bill, selection, { type, found, known })
  }
  return points
}

const member = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined)

function costOfField(bill: Bill, field: FieldNode, { type, found, known }: Omit<Part, 'set'>): number {
  if (!isObjectType(type) && !isInterfaceType(type)) return 0
  const definition = type.getFields()[field.name.value]
  if (!definition || !field.selectionSet) return 0
  const named = getNamedType(definition.type)
  if (isLeafType(named)) return 0
  const value = member(found, field.alias?.value ?? field.name.value)
  if (known && (value === null || value === undefined)) return 0
  const each = (one: unknown): number =>
    own(named) + costOfSet(bill, { set: field.selectionSet ?? { kind: Kind.SELECTION_SET, selections: [] }, type: named, found: one, known })
  if (named.name.endsWith('Connection')) return connectionCost(bill, { field, definition, named, value, known })
  if (known) return Array.isArray(value) ? value.reduce<number>((all, one) => all + (one === null ? 0 : each(one)), 0) : each(value)
  const size = sizeOf(bill, field, definition)
  return each(undefined) * (size ?? 1)
}

interface Found {
  readonly field: FieldNode
  readonly definition: Parameters<typeof getArgumentValues>[0]
  readonly named: GraphQLNamedType
  readonly value: unknown
  readonly known: boolean
}

function connectionCost(bill: Bill, { field, definition, named, value, known }: Found): number {
  const size = known ? 1 : (sizeOf(bill, field, definition) ?? 1)
  return size * costOfSet(bill, { set: field.selectionSet ?? { kind: Kind.SELECTION_SET, selections: [] }, type: named, found: value, known })
}

/** `first`, or how many ids were named. */
function sizeOf(bill: Bill, field: FieldNode, definition: Found['definition']): number | undefined {
  const given = getArgumentValues(definition, field, { ...bill.variables })
  if (typeof given['first'] === 'number') return given['first']
  return Array.isArray(given['ids']) ? given['ids'].length : undefined
}

const own = (type: GraphQLNamedType): number => {
  if (isUnionType(type)) return 1
  if (isInterfaceType(type)) return type.name === 'Node' ? 1 : 0
  return isObjectType(type) && type.getInterfaces().some((one) => one.name === 'Node') ? 1 : 0
}

/** The points of one app at one shop: a bucket that fills by itself. */
export interface Points {
  readonly maximum: number
  available(): number
  readonly restoreRate: number
  spend(points: number): void
}

/** Fills by real time or by the simulated clock, whichever went further: a test that stands the clock still must not starve. */
export function createPoints({ maximum, restoreRate }: ShopifySettings['points'], now: () => number): Points {
  let level = maximum
  let [real, simulated] = [performance.now(), now()]
  const available = (): number => {
    const [realNow, simulatedNow] = [performance.now(), now()]
    level = Math.min(maximum, level + (Math.max(realNow - real, simulatedNow - simulated, 0) / 1000) * restoreRate)
    real = realNow
    simulated = simulatedNow
    return Math.floor(level)
  }
  return {
    maximum,
    restoreRate,
    available,
    spend: (points) => {
      available()
      level -= points
    },
  }
}
