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

/** What went wrong inside a document differs from one to the next; elsewhere title and fix say it all. */
const telling: readonly string[] = ['mapping-crashed', 'mapping-failed', 'value-refused', 'value-missing', 'type-unexpected', 'ack-rejected']

/**
 * Whether the message adds something for this reader: always for one of the channel, in English for one of the hub's own, whose words are
 * English, and elsewhere where the cause has no words in the reader's language or they leave the matter open.
 */
export const useQuoted = (): ((code: string) => boolean) => {
  const { language, sentence } = useWords()
  return (code) => language === 'en' || telling.includes(code) || (sentence('failure', code) ?? sentence('hold', code)) === undefined
}
