import type { Capabilities } from '../../../src/core/connector.ts'
import { capabilitiesOf, windowStream, type Subject } from './subject.ts'

/** One thing every connector has to prove. */
export interface Check {
  /** Stable, lower-kebab: what kit-skips.json names. */
  readonly id: string
  /** A sentence of behaviour. */
  readonly title: string
  /** Why this check says nothing about a connector; undefined when it applies. */
  readonly beside?: (subject: Subject) => string | undefined
  /** Not beside others: it compares with files, for which the runner has to know whose they are. */
  readonly alone?: true
  readonly run: (subject: Subject) => Promise<void>
}

/** Says nothing where a capability is not declared. */
export const needs =
  (...names: readonly (keyof Capabilities)[]) =>
  (subject: Subject): string | undefined => {
    const missing = names.find((name) => capabilitiesOf(subject)[name] === undefined)
    return missing && `no ${missing}`
  }

/** Says nothing where orders are not read by change time. */
export const needsWindow = (subject: Subject): string | undefined => (windowStream(subject) ? undefined : 'not read by change time')

/** Says nothing about channels that are not reached by HTTP. */
export const needsHttp = (subject: Subject): string | undefined => (subject.connector.manifest.kind === 'files' ? 'not HTTP' : undefined)

/** The first reason of several. */
export const either =
  (...tests: readonly ((subject: Subject) => string | undefined)[]) =>
  (subject: Subject): string | undefined => {
    for (const test of tests) {
      const reason = test(subject)
      if (reason !== undefined) return reason
    }
    return undefined
  }

/** Nothing went wrong; what did is told in full, one line each. */
export function expectNone(wrong: readonly unknown[]): void {
  if (wrong.length > 0) throw new Error(wrong.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'))
}
