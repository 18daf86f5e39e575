import { Environment } from '@marcbachmann/cel-js'
import { ALERT_FACTS, type AlertScope, type FactSet, type FactValue, VARIABLES } from './alert-facts.ts'

/** What is wrong with a condition, and where: offsets into its text. */
export interface ConditionFault {
  readonly message: string
  readonly from: number
  readonly to: number
}

export interface Condition {
  /** The facts it looks at, as `connection.lag_seconds`. */
  readonly fields: readonly string[]
  /** @throws Error where a value does not allow what is asked of it, as a division by zero */
  holds(facts: FactSet): boolean
}

export type Compiled = { readonly ok: true; readonly condition: Condition } | { readonly ok: false; readonly fault: ConditionFault }

export const MAX_CONDITION = 1000
/** Everything that may be called. Regular expressions and loops are left out: with them a condition could run for ever. */
const CALLS: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith', 'size', 'int', 'double', 'string'])

const environmentOf = (scope: AlertScope): Environment => {
  const made = new Environment({ limits: { maxAstNodes: 300, maxDepth: 40, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 4 } })
  for (const name of VARIABLES[scope])
    made.registerVariable({ name, schema: Object.fromEntries(Object.entries(ALERT_FACTS[name]).map(([fact, { type }]) => [fact, type])) })
  return made
}
const ENVIRONMENTS = { connection: environmentOf('connection'), node: environmentOf('node'), hub: environmentOf('hub') } as const

/** Reads a condition written in CEL (https://cel.dev) over the facts of its scope. It is typed: what compiles asks for facts that exist. */
export function compileCondition(scope: AlertScope, text: string): Compiled {
  if (text.length > MAX_CONDITION)
    return refused(`The condition is longer than ${MAX_CONDITION} characters.`, { start: MAX_CONDITION, end: text.length })
  try {
    const program = ENVIRONMENTS[scope].parse(text)
    const fields = new Set<string>()
    const foreign = walk(program.ast, fields)
    if (foreign !== undefined) return refused(`"${foreign.name}" cannot be used in a condition.`, foreign.range)
    const { valid, type, error } = program.check()
    if (!valid) return faultOf(error)
    if (type !== 'bool') return refused(`The condition gives a ${String(type)}, and must give true or false.`, { start: 0, end: text.length })
    return { ok: true, condition: { fields: [...fields], holds: (facts) => program(typed(scope, facts)) === true } }
  } catch (error) {
    return faultOf(error)
  }
}

interface Range {
  readonly start: number
  readonly end: number
}

const refused = (message: string, { start, end }: Range): Compiled => ({ ok: false, fault: { message, from: start, to: Math.max(start, end) } })

function faultOf(error: unknown): Compiled {
  const summary: unknown = read(error, 'summary')
  const range: unknown = read(error, 'range')
  const [start, end] = [read(range, 'start'), read(range, 'end')]
  const message = typeof summary === 'string' ? summary : 'The condition cannot be read'
  return refused(`${message}.`, { start: typeof start === 'number' ? start : 0, end: typeof end === 'number' ? end : 0 })
}

const read = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined)

/** Goes through a parsed condition: collects the facts it names, and answers the first call that is not allowed. */
function walk(node: unknown, fields: Set<string>): { readonly name: string; readonly range: Range } | undefined {
  const op = read(node, 'op')
  const args: unknown = read(node, 'args')
  if (op === '.' && Array.isArray(args) && read(args[0], 'op') === 'id') fields.add(`${String(read(args[0], 'args'))}.${String(args[1])}`)
  // Facts are named, never looked up by a text: else nobody could say which ones a condition asks for.
  const called =
    op === '[]' || op === '[?]'
      ? '[ ]'
      : (op === 'call' || op === 'rcall') && Array.isArray(args) && !CALLS.has(String(args[0]))
        ? String(args[0])
        : undefined
  if (called !== undefined) return { name: called, range: { start: Number(read(node, 'start') ?? 0), end: Number(read(node, 'end') ?? 0) } }
  for (const inner of Array.isArray(args) ? args.flat() : [args]) {
    const found = typeof inner === 'object' && inner !== null && 'op' in inner ? walk(inner, fields) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** CEL tells whole numbers from others: a count that came as 0 is an int, a share that came as 0 is not. */
function typed(scope: AlertScope, facts: FactSet): Record<string, Record<string, unknown>> {
  const valueOf = (type: string, value: FactValue | undefined): unknown => {
    if (type === 'int') return BigInt(Math.round(Number(value ?? 0)))
    if (type === 'double') return Number(value ?? 0)
    return type === 'bool' ? value === true : String(value ?? '')
  }
  return Object.fromEntries(
    VARIABLES[scope].map((name) => [
      name,
      Object.fromEntries(Object.entries(ALERT_FACTS[name]).map(([fact, { type }]) => [fact, valueOf(type, facts[name]?.[fact])])),
    ]),
  )
}
