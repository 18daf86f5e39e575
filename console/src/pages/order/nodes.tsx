import type { ReactElement } from 'react'
import type { Order, OrderNode } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { StatusIcon } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'

export const nodeKinds: Readonly<Record<OrderNode['state'], StatusKind>> = {
  done: 'ok',
  next: 'progress',
  failed: 'failed',
  waiting: 'waiting',
  skipped: 'cancelled',
}

/** The fifteen nodes from placed to received; the one that is broken is the only one that shouts. */
export const Nodes = ({ order }: { readonly order: Order }): ReactElement => {
  const { t, label } = useWords()
  return (
    <ol className="nodes" aria-label={t('order.progress')}>
      {order.nodes.map((node) => (
        <li key={node.code} className={node.state}>
          <StatusIcon kind={nodeKinds[node.state]} />
          <span className={node.state === 'waiting' || node.state === 'skipped' ? 't3' : node.state === 'failed' ? 'bad b' : ''}>
            {label('node', node.code)}
          </span>
          <span className="t3 s12">{node.at === null ? node.state === 'waiting' ? '' : t(`nodeState.${node.state}`) : <Clock at={node.at} />}</span>
        </li>
      ))}
    </ol>
  )
}
