/** Task queue of workflows and ordinary activities. */
export const HUB_QUEUE = 'hub'
/** Task queue of the resident activities alone: one slot per worker. */
export const RESIDENTS_QUEUE = 'residents'

/** Names under which workflows are registered, and what their ids guard. */
export const pollId = (connectionId: string): string => `poll/${connectionId}`
export const pushId = (connectionId: string): string => `push/${connectionId}`
export const receiveId = (n: number): string => `receive/${n}`
export const jobId = (id: string): string => `job/${id}`
export const DAILY_ID = 'daily'

/** Signals of `poll`: read now; the connection's row changed. */
export const NOW_SIGNAL = 'now'
export const CHANGED_SIGNAL = 'changed'
/** Signal of `push` with the kinds of work that wait. */
export const WAKE_SIGNAL = 'wake'

/** Kinds of outbound work; each goes on by itself, so that one that waits never holds up another. */
export const PUSH_KINDS = ['stock', 'effects', 'settle', 'fetch'] as const
export type PushKind = (typeof PUSH_KINDS)[number]
