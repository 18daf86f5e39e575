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
 * Points a query may cost: objects that are nodes cost one each, connections and lists as many times their elements as are
 * asked for, a mutation ten more. Shopify publishes the principle; the exact weights are its own.
 */
export function costOf(bill: Bill, document: DocumentNode): number {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return 0
  const root = operation.operation === 'mutation' ? bill.schema.getMutationType() : bill.schema.getQueryType()
  if (!root) return 0
  return (operation.operation === 'mutation' ? 10 : 0) + costOfSet(bill, operation.selectionSet, root)
}

function costOfSet(bill: Bill, set: SelectionSetNode, type: GraphQLNamedType): number {
  let points = 0
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition ? bill.schema.getType(selection.typeCondition.name.value) : type
      if (on) points += costOfSet(bill, selection.selectionSet, on)
    }
    if (selection.kind === Kind.FIELD) points += costOfField(bill, selection, type)
  }
  return points
}

function costOfField(bill: Bill, field: FieldNode, type: GraphQLNamedType): number {
  if (!isObjectType(type) && !isInterfaceType(type)) return 0
  const definition = type.getFields()[field.name.value]
  if (!definition || !field.selectionSet) return 0
  const named = getNamedType(definition.type)
  if (isLeafType(named)) return 0
  return (own(named) + costOfSet(bill, field.selectionSet, named)) * (sizeOf(bill, field, definition) ?? 1)
}

/** `first`, or how many ids were named. */
function sizeOf(bill: Bill, field: FieldNode, definition: Parameters<typeof getArgumentValues>[0]): number | undefined {
  if (!field.arguments?.length) return undefined
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
