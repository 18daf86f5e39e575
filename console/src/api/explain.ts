import type { UseQueryResult } from '@tanstack/react-query'
import type { MoneyText } from '../format/money.ts'
import { useOne } from './lists.ts'

export type ExplainedValue = string | number | boolean | MoneyText | null

interface Source {
  readonly pointer: string
  readonly value: string | number | boolean | null
  readonly absent: boolean
  readonly tried: readonly { readonly put: string | number | boolean | null; readonly gave: ExplainedValue }[]
}

/** Where one value of an order comes from. */
export interface Explanation {
  readonly path: string
  readonly value: ExplainedValue
  readonly personal: boolean
  readonly step: {
    readonly op: string
    readonly terms?: readonly { readonly scale: string; readonly factors: readonly string[] }[]
    readonly divisor?: string
    readonly round?: number
    readonly from?: string
    readonly offsetMinutes?: number
  }
  readonly sources: readonly Source[]
  readonly sufficient: boolean
  readonly complete: boolean
  readonly document: { readonly raw_id: string; readonly received_at: string; readonly source: string; readonly source_time: string | null }
  readonly version: number
  readonly mapping: string
  readonly mapping_in_force: string
  readonly overrides_version: number
  readonly superseded: readonly { readonly version: number; readonly value: ExplainedValue; readonly raw_id: string; readonly at: string | null }[]
}

export const useExplanation = (orderId: string, path: string | undefined): UseQueryResult<Explanation> =>
  useOne(`/v1/orders/${encodeURIComponent(orderId)}/explain?path=${encodeURIComponent(path ?? '')}`, { enabled: path !== undefined })
