import type { ReactElement } from 'react'
import type { OrderSummary } from '../api/orders.ts'
import { useWords } from '../i18n/use-words.ts'
import { orderKind } from './order-status.ts'
import { Status } from './status.tsx'

interface LabelText {
  readonly title: string
  readonly why: string
}

/** The derived label in the reader's words: the next missing node, and why it is missing. */
export const useLabelText = (): ((order: OrderSummary) => LabelText) => {
  const { label, sentence } = useWords()
  return (order) => {
    const { code, params } = order.label
    const holds = order.holds.filter((hold) => hold !== 'cancel-requested')
    const why = holds.length > 0 ? holds.map((hold) => label('hold', hold)).join(' · ') : (sentence('labelWhy', code, params) ?? '')
    return { title: label('label', code, params), why }
  }
}

export const OrderLabel = ({ order }: { readonly order: OrderSummary }): ReactElement => {
  const text = useLabelText()(order)
  return (
    <span className="row g8">
      <Status kind={orderKind(order)}>{text.title}</Status>
      {text.why !== '' && (
        <span className="t2 el" title={text.why}>
          {text.why}
        </span>
      )}
    </span>
  )
}
