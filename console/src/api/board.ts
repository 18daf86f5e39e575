import { useEffect, useState } from 'react'
import type { UseQueryResult } from '@tanstack/react-query'
import { call } from './http.ts'
import { useOne } from './lists.ts'

/** Orders of one connection that wait for one station. */
export interface NodeLoad {
  readonly connection_id: string
  readonly node: string
  readonly orders: number
  readonly stuck: number
  readonly overdue: number
  readonly oldest: string
}

export interface BoardConnection {
  readonly id: string
  readonly name: string
  readonly channel: string
  readonly state: string
  readonly sandbox: boolean
  readonly lag_seconds: number
  readonly in_doubt: number
  readonly failing_groups: number
  readonly shortages: number
  readonly documents_hour: number
  readonly failure_rate: number
  readonly orders_hour: number
  readonly seen_p50: number | null
  readonly seen_p99: number | null
  readonly silent: boolean
  readonly webhook_lost: boolean
  readonly backlog: {
    readonly documents: number
    readonly fetches: number
    readonly writes: number
    readonly per_minute: number
    readonly drain_seconds: number | null
  }
}

export interface Board {
  readonly at: string
  readonly rates: { readonly in: number; readonly normalised: number; readonly acked: number; readonly fed: number }
  readonly backlog: Readonly<Record<string, number>> | null
  readonly outbound_stopped: boolean
  readonly shortages: number
  readonly privacy: { readonly waiting: number; readonly due_at: string | null }
  readonly connections: readonly BoardConnection[]
  readonly connections_at: string
  readonly nodes: readonly NodeLoad[]
  /** null = they could not be counted so far. */
  readonly nodes_at: string | null
}

const isBoard = (value: unknown): value is Board => typeof value === 'object' && value !== null && 'rates' in value && 'nodes' in value

interface Live {
  readonly board: Board | undefined
  /** When the hub was last heard; the figures are older than they look once this is long ago. */
  readonly heardAt: number | undefined
  /** Nothing came at all. */
  readonly failed: boolean
}

const again = 3_000

/** The board as the hub sends it, every second. A broken connection is made again for as long as the page is open. */
export const useBoard = (): Live => {
  const [live, setLive] = useState<Live>({ board: undefined, heardAt: undefined, failed: false })
  useEffect(() => {
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const connect = (): void => {
      source = new EventSource('/v1/board/events')
      source.addEventListener('board', (event: MessageEvent<string>) => {
        const board: unknown = JSON.parse(event.data)
        if (isBoard(board)) setLive({ board, heardAt: Date.now(), failed: false })
      })
      source.addEventListener('error', () => {
        setLive((before) => ({ ...before, failed: before.board === undefined }))
        // The browser tries again by itself, except after an answer that was a refusal.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, again)
      })
    }
    connect()
    return () => {
      clearTimeout(timer)
      source?.close()
    }
  }, [])
  return live
}

export interface Deadline {
  readonly connection_id: string | null
  readonly node: string
  readonly minutes: number | null
}

export const useDeadlines = (): UseQueryResult<{ readonly items: readonly Deadline[] }> => useOne('/v1/board/deadlines')
export const setDeadlines = (
  connection: string | null,
  deadlines: readonly { readonly node: string; readonly minutes: number | null | 'unset' }[],
): Promise<unknown> => call('PATCH', '/v1/board/deadlines', { body: { connection, deadlines } })
