import type { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { sleep } from './child.ts'

/** Search attributes the hub's workflows carry; starting a workflow with an unknown one fails. */
export const SEARCH_ATTRIBUTES = ['HubChannel', 'HubConnectionId', 'HubRunKind'] as const

// grpc status codes and temporal.api.enums.v1.IndexedValueType
const NOT_FOUND = 5
const ALREADY_EXISTS = 6
const PERMISSION_DENIED = 7
const UNIMPLEMENTED = 12
const KEYWORD = 2
const NEW_NAMESPACE_RETENTION = '3 days'
const APPEAR_MS = 30_000

/**
 * Makes a Temporal that is not ours ready for the hub: the namespace, where we may make one, and the search
 * attributes. Harmless to repeat, and for several processes at once.
 * @returns what a person still has to do by hand, on a hosted Temporal that does not let a key administrate.
 */
export async function prepareNamespace(connection: Connection, namespace: string): Promise<readonly string[]> {
  if (!(await exists(connection, namespace))) await register(connection, namespace)
  // The server's other parts learn of a new namespace a little later than the one that made it.
  for (const started = Date.now(); ; await sleep(250)) {
    try {
      return await addSearchAttributes(connection, namespace)
    } catch (error) {
      if (codeOf(error) !== NOT_FOUND || Date.now() - started > APPEAR_MS) throw error
    }
  }
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<readonly string[]> {
  const found = await connection.operatorService.listSearchAttributes({ namespace }).catch(ignoring(PERMISSION_DENIED, UNIMPLEMENTED))
  const missing = SEARCH_ATTRIBUTES.filter((name) => found?.customAttributes?.[name] === undefined)
  if (missing.length === 0) return []
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]))
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes })
    return []
  } catch (error) {
    const code = codeOf(error)
    if (code === ALREADY_EXISTS) return []
    if (code !== PERMISSION_DENIED && code !== UNIMPLEMENTED) throw error
    return [`Register the search attributes ${missing.join(', ')} (type Keyword) in namespace ${namespace}.`]
  }
}

async function exists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace })
    return true
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error
    return false
  }
}

async function register(connection: Connection, namespace: string): Promise<void> {
  const workflowExecutionRetentionPeriod = msToTs(NEW_NAMESPACE_RETENTION)
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }).catch(ignoring(ALREADY_EXISTS))
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}

function ignoring(...codes: readonly number[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(codeOf(error) ?? -1)) throw error
    return undefined
  }
}
