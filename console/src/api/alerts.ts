import { useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { call, post, remove } from './http.ts'
import type { List } from './lists.ts'
import { useList, useOne } from './lists.ts'

export const severities = ['urgent', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]
export const alertScopes = ['connection', 'node', 'hub'] as const
export type AlertScope = (typeof alertScopes)[number]
export const destinationKinds = ['email', 'webhook', 'wecom', 'dingtalk', 'feishu'] as const
export type DestinationKind = (typeof destinationKinds)[number]

type Names = Readonly<Record<string, string>> | null
type Facts = Readonly<Record<string, string | number | boolean>>

export interface AlertRule {
  readonly id: string
  /** null = a rule that came with the hub; `names` has its words. */
  readonly name: string | null
  readonly names: Names
  readonly scope: AlertScope
  readonly condition: string
  readonly severity: Severity
  readonly for_minutes: number
  readonly remind_minutes: number | null
  /** null = all. */
  readonly destinations: readonly string[] | null
  readonly connections: readonly string[] | null
  readonly enabled: boolean
  readonly muted_until: string | null
  readonly version: number
  readonly fault: string | null
}
export type RuleDraft = Pick<
  AlertRule,
  'name' | 'scope' | 'condition' | 'severity' | 'for_minutes' | 'remind_minutes' | 'destinations' | 'connections' | 'enabled'
>

export interface Destination {
  readonly id: string
  readonly name: string
  readonly kind: DestinationKind
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets_hint: Readonly<Record<string, string>>
  readonly language: 'en' | 'zh-CN'
  readonly timezone: string
  readonly quiet: { readonly from: string; readonly to: string } | null
  readonly enabled: boolean
  readonly version: number
  readonly last_sent_at: string | null
  readonly last_fault: string | null
  readonly last_fault_at: string | null
}
export type DestinationDraft = Pick<Destination, 'name' | 'kind' | 'config' | 'language' | 'timezone' | 'quiet' | 'enabled'> & {
  readonly secrets: Readonly<Record<string, string>>
}

export interface AlertIncident {
  readonly id: string
  readonly rule: { readonly name: string | null }
  readonly names: Names
  readonly severity: Severity
  readonly subject: string
  readonly connection_id: string | null
  readonly connection: string | null
  readonly facts: Facts
  readonly opened_at: string
  readonly closed_at: string | null
  readonly snoozed_until: string | null
  readonly messages: readonly { readonly destination: string; readonly kind: string; readonly state: string; readonly answer: string | null }[]
}

interface Fact {
  readonly type: string
  readonly en: string
  readonly zh: string
}
export interface FactBook {
  readonly variables: Readonly<Record<AlertScope, readonly AlertScope[]>>
  readonly facts: Readonly<Record<AlertScope, Readonly<Record<string, Fact>>>>
}

export interface Preview {
  readonly fault: { readonly message: string; readonly from: number; readonly to: number } | null
  readonly subjects: readonly { readonly subject: string; readonly connection_id: string | null; readonly facts: Facts }[]
  readonly looked_at: number
}

const rules = '/v1/alerts/rules'
const destinations = '/v1/alerts/destinations'

export const useAlertRules = (): UseQueryResult<{ readonly items: readonly AlertRule[] }> => useOne(rules)
export const useDestinations = (): UseQueryResult<{ readonly items: readonly Destination[] }> => useOne(destinations, { every: 15_000 })
export const useAlertFacts = (): UseQueryResult<FactBook> => useOne('/v1/alerts/facts')
export const useAlertIncidents = (state: 'open' | 'closed' | undefined): List<AlertIncident> => useList('/v1/alerts', { state }, { every: 10_000 })

/** Of what a condition is true now; asked again while it is looked at. */
export const usePreview = (scope: AlertScope, condition: string, connections: readonly string[] | null): UseQueryResult<Preview> =>
  useQuery({
    queryKey: ['/v1/alerts/preview', scope, condition, connections],
    queryFn: () => post<Preview>('/v1/alerts/preview', { scope, condition, connections }),
    enabled: condition.trim() !== '',
    placeholderData: (before) => before,
    refetchInterval: 15_000,
  })

export const addRule = (draft: RuleDraft): Promise<AlertRule> => post(rules, draft)
export const changeRule = (rule: AlertRule, change: Partial<RuleDraft & { readonly muted_until: string | null }>): Promise<AlertRule> =>
  call('PATCH', `${rules}/${rule.id}`, { body: change, headers: { 'if-match': `"${rule.version}"` } })
export const removeRule = (id: string): Promise<void> => remove(`${rules}/${id}`)

export const addDestination = (draft: DestinationDraft): Promise<Destination> => post(destinations, draft)
export const changeDestination = (one: Destination, change: Partial<Omit<DestinationDraft, 'kind'>>): Promise<Destination> =>
  call('PATCH', `${destinations}/${one.id}`, { body: change, headers: { 'if-match': `"${one.version}"` } })
export const removeDestination = (id: string): Promise<void> => remove(`${destinations}/${id}`)
export const testDestination = (id: string): Promise<{ readonly ok: boolean; readonly answer: string }> => post(`${destinations}/${id}/test`)

export const snoozeAlert = (id: string, until: string | null): Promise<unknown> => post(`/v1/alerts/${id}/snooze`, { until })
