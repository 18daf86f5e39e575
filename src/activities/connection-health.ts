import type pg from 'pg'
import type { Fault } from '../core/fault.ts'
import type { StoredConnection } from '../store/deliver/open-connection.ts'
import { faultsInRow, reviveConnection, stopConnection } from '../store/deliver/open-connection.ts'
import { openFailures, resolveFailures, type FailureInput } from '../store/deliver/open-failure.ts'

export interface HealthContext {
  readonly pool: pg.Pool
  readonly now: () => Date
}

const subjectOf = (connectionId: string, operation: string): string => `${connectionId}/${operation}`

/**
 * Reading failed. Credentials or settings that no longer work stop the connection until a person helps (or it answers
 * again by itself); faults of the moment are left to the retry.
 */
export async function noteReadFault(
  context: HealthContext,
  connection: Pick<StoredConnection, 'id' | 'channel'>,
  operation: 'pull' | 'listings' | 'webhook' | 'fetch',
  fault: Fault,
): Promise<void> {
  const { pool } = context
  if (fault.kind === 'throttled') return
  if (fault.kind === 'transient' && (operation !== 'pull' || (await faultsInRow(pool, connection.id)) < UNREACHABLE_AFTER)) return
  // The reason stands before the state that asks for a person.
  await openFailures(pool, [failureOf(connection, operation, fault)])
  const stops = operation === 'pull' || operation === 'fetch'
  if (stops && fault.kind === 'unauthorized') await stopConnection(pool, connection.id, 'needs-auth', fault.message, context.now())
  if (stops && fault.kind === 'misconfigured') await stopConnection(pool, connection.id, 'misconfigured', fault.message, context.now())
}

/**
 * Writing failed as a whole. Orders go on coming in: a key that may read but not write must not stop intake, so only the
 * failure queue hears of it.
 */
export async function noteWriteFault(
  context: HealthContext,
  connection: { readonly id: string; readonly channel: string },
  operation: 'push-stock' | 'push-shipment',
  fault: Fault,
): Promise<void> {
  if (fault.kind === 'transient' || fault.kind === 'throttled') return
  await openFailures(context.pool, [failureOf(connection, operation, fault)])
}

/** Faults of the moment that follow each other this often are no longer of the moment. */
const UNREACHABLE_AFTER = 10

/** It works again: its failures are over, and a connection that was stopped goes on. */
export async function noteSuccess(context: HealthContext, connectionId: string, operation: FailureInput['operation']): Promise<void> {
  await resolveFailures(context.pool, 'stream', [subjectOf(connectionId, operation)], context.now())
  if (operation === 'pull') await reviveConnection(context.pool, connectionId, context.now())
}

const failureOf = (
  connection: { readonly id: string; readonly channel: string },
  operation: FailureInput['operation'],
  fault: Fault,
): FailureInput => ({
  connectionId: connection.id,
  channel: connection.channel,
  operation,
  fault,
  subjectKind: 'stream',
  subjectId: subjectOf(connection.id, operation),
})
