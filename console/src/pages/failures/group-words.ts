import type { FailureGroup } from '../../api/failures.ts'
import { useWords } from '../../i18n/use-words.ts'
import type { StatusKind } from '../../ui/status.tsx'

/** Violet only where the outcome of a write is unknown; everything else in this list has failed. */
export const groupKind = (group: FailureGroup): StatusKind => {
  if (group.status === 'resolved') return 'ok'
  if (group.status === 'ignored') return 'paused'
  return group.fault_kind === 'in-doubt' ? 'doubt' : 'failed'
}

/** `15:isv.logistics-offline-service-error:B60` → its end, which tells vendors' codes apart. */
const shortCode = (code: string): string => (code.length <= 40 ? code : `…${code.slice(-39)}`)

/** The channel's own sentence where a refusal repeats it, as at the end of `Taobao answered 15: “运单号不符合规则”.` */
const vendorWords = (group: FailureGroup): string | undefined => /“([^“”]{2,80})”\.?$/u.exec(group.sample ?? '')?.[1]

/** The cause in the reader's words with its subject, else the hub's own message. */
export const useGroupTitle = (): ((group: FailureGroup) => string) => {
  const { sentence, t } = useWords()
  return (group) => {
    const word = sentence('failure', group.code) ?? sentence('hold', group.code)
    if (word === undefined) {
      const kind =
        sentence('failureKind', `${group.operation}-${group.fault_kind}`) ??
        sentence('failureKind', group.operation) ??
        sentence('failureKind', group.fault_kind)
      return kind === undefined
        ? (group.sample ?? group.message)
        : t('failures.withSubject', { word: kind, subject: vendorWords(group) ?? shortCode(group.code) })
    }
    // A place concerns all goods of the connection: the first of them says nothing.
    const plain = group.subject === null || group.subject === '' || group.code.endsWith('location-ambiguous')
    return plain ? word : t('failures.withSubject', { word, subject: group.subject })
  }
}

/** Causes that title, help and fix tell whole: the hub's own message, which is English, adds nothing to them. */
const told: readonly string[] = [
  ...['sku-unbound', 'totals-mismatch', 'lines-missing', 'stock-short', 'time-unreadable', 'carrier-unknown', 'no-pickup'],
  ...['status-unmapped', 'payment-status-unmapped', 'refund-status-unmapped', 'shipment-status-unmapped', 'location-unmapped'],
  ...['location-ambiguous', 'stock-location-ambiguous', 'pickup-unknown', 'pickup-ambiguous', 'pickup-cancelled', 'pickup-already-shipped'],
]

/** Whether the message tells this reader more than the words of the cause do. */
export const useQuoted = (): ((code: string) => boolean) => {
  const { language } = useWords()
  return (code) => language === 'en' || !told.includes(code)
}
