import { execute, parse, validate, type DocumentNode, type GraphQLError, type GraphQLSchema } from 'graphql'
import type { JsonRecord } from '../stage/json-input.ts'
import { asRecord, asText, parseJson } from '../stage/json-input.ts'
import type { Context } from './context.ts'
import { costOf, type Points } from './cost.ts'

export interface GraphqlAnswer {
  readonly status: number
  /** JSON. */
  readonly body: string
}

interface Engine {
  readonly schema: GraphQLSchema
  readonly rootValue: unknown
  readonly points: Points
  readonly perQuery: number
  readonly throttledStatus: 200 | 429
}

/** Operations that were looked at already; all shops have one schema. */
const known = new Map<string, DocumentNode>()

/** Answers one POSTed operation as Shopify does: nearly everything is a 200, errors and the bill stand in the body. */
export function createGraphqlHttp(engine: Engine): (text: string, context: Context) => Promise<GraphqlAnswer> {
  return async (text, contextValue) => {
    const body = asRecord(parseJson(text))
    const source = asText(body['query'])
    if (source === undefined) return told({ errors: { query: 'Required parameter missing or invalid' } }, 400)
    const document = known.get(source) ?? prepare(engine.schema, source)
    if ('status' in document) return document
    if (known.size < 200) known.set(source, document)
    const variables = asRecord(body['variables'])
    const requested = costOf({ schema: engine.schema, variables }, document)
    const refused = refusal(engine, requested)
    if (refused) return refused
    const result = await execute({ schema: engine.schema, document, rootValue: engine.rootValue, contextValue, variableValues: variables })
    if (result.data === undefined) return told({ errors: coded(result.errors ?? [], 'INVALID_VARIABLE') })
    const data = JSON.stringify(result.data)
    const actual = actualCost(source, data)
    engine.points.spend(actual)
    const rest = {
      ...(result.errors ? { errors: result.errors.map((error) => error.toJSON()) } : {}),
      extensions: { cost: bill(engine, requested, actual) },
    }
    return { status: 200, body: `{"data":${data},${JSON.stringify(rest).slice(1)}` }
  }
}

const told = (body: JsonRecord, status = 200): GraphqlAnswer => ({ status, body: JSON.stringify(body) })

/** What was really shown is cheaper than what could have been: one point for each node in the answer. */
const actualCost = (source: string, data: string): number =>
  (/^\s*mutation\b/.test(source) ? 10 : 0) + (data.match(/"gid:\/\/shopify\//g)?.length ?? 0)

function bill({ points }: Engine, requestedQueryCost: number, actualQueryCost: number | null): JsonRecord {
  const { maximum: maximumAvailable, restoreRate } = points
  return { requestedQueryCost, actualQueryCost, throttleStatus: { maximumAvailable, currentlyAvailable: points.available(), restoreRate } }
}

function refusal(engine: Engine, requested: number): GraphqlAnswer | undefined {
  if (requested > engine.perQuery) {
    const message = `Query cost is ${requested}, which exceeds the single query max cost limit (${engine.perQuery}).`
    return told({ errors: [{ message, extensions: { code: 'MAX_COST_EXCEEDED', cost: requested, maxCost: engine.perQuery } }] })
  }
  if (requested <= engine.points.available()) return undefined
  const cost = bill(engine, requested, null)
  return told({ errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], extensions: { cost } }, engine.throttledStatus)
}

function prepare(schema: GraphQLSchema, source: string): DocumentNode | GraphqlAnswer {
  let document: DocumentNode
  try {
    document = parse(source)
  } catch (error) {
    return told({ errors: [{ message: error instanceof Error ? error.message : 'syntax error' }] })
  }
  const errors = validate(schema, document)
  return errors.length > 0 ? told({ errors: coded(errors, 'undefinedField') }) : document
}

/** Shopify's own sentence and code for a field that does not exist; other mistakes keep the words of the library. */
function coded(errors: readonly GraphQLError[], code: string): JsonRecord[] {
  return errors.map((error) => {
    const field = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(error.message)
    const message = field ? `Field '${field[1]}' doesn't exist on type '${field[2]}'` : error.message
    return { ...error.toJSON(), message, extensions: { ...error.extensions, code } }
  })
}
