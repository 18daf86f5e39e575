import { sqlState } from '../store/db.ts'

export { sqlState }

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'ENOENT'])
/** Shutdown, crash, starting up, a full disk and its kin (53), a lock or a statement that took too long, and the 08 class. */
const GONE = /^(08|53|57P0[123]|57014|55P03)/
const LOST = /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error/

/** True when the database could not be reached or went away, so that the same request may succeed in a moment. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (GONE.test(sqlState(error) ?? '')) return true
  if ('code' in error && typeof error.code === 'string' && NETWORK.has(error.code) && 'syscall' in error) return true
  return LOST.test(error.message)
}
