import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { askChannels, fetchFromChannel } from '../../api/orders.ts'
import type { Answer } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'

/** One of: here, held, ignored by a rule, never received, unknown to the channel, no answer, not asked. */
const verdict = (answer: Answer): string => (answer.answer === 'found' ? (answer.hub ?? 'not-received') : answer.answer)

const verdictKinds: Readonly<Record<string, StatusKind>> = {
  stored: 'ok',
  held: 'held',
  ignored: 'cancelled',
  'not-received': 'attention',
  'unknown-to-channel': 'waiting',
  fault: 'failed',
  'not-asked': 'paused',
}

const AnswerRow = ({ answer, q }: { readonly answer: Answer; readonly q: string }): ReactElement => {
  const { t, label } = useWords()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const connections = useConnections(30_000)
  const name = connections.data?.items.find((one) => one.id === answer.connection_id)?.name ?? answer.connection_id
  const kind = verdict(answer)
  const fetchIt = useMutation({
    mutationFn: () => fetchFromChannel(answer.connection_id, answer.external_id ?? q),
    onSuccess: async ({ order }) => {
      await queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/orders') })
      if (order !== null) await navigate({ to: '/orders/$id', params: { id: order.id } })
    },
  })
  const detail = [answer.rule, answer.rule === answer.reason ? null : answer.reason, answer.fault?.message, answer.why]
    .filter((one) => one !== null && one !== undefined && one !== '')
    .map((one) => label('hold', String(one)))
    .join(' · ')
  return (
    <li className="row g8 top-aligned" style={{ padding: '6px 8px' }}>
      <Tile title={name} small />
      <div className="grow col">
        <span className="row g8">
          <span className="m5">{name}</span>
          <StatusIcon kind={verdictKinds[kind] ?? 'waiting'} />
          <span>{t(`answer.${kind}`)}</span>
        </span>
        {detail !== '' && <span className="t2 s12 break">{detail}</span>}
        {fetchIt.data?.order === null && (
          <span className="warn s12" role="alert">
            {t(`answer.${fetchIt.data.hub}`)} {fetchIt.data.reason ?? ''}
          </span>
        )}
        {fetchIt.isError && (
          <span className="bad s12" role="alert">
            {fetchIt.error.message}
          </span>
        )}
      </div>
      {answer.answer === 'found' && kind !== 'stored' && (
        <Button size="small" type="primary" loading={fetchIt.isPending} onClick={() => fetchIt.mutate()}>
          {t('find.fetch')}
        </Button>
      )}
      {kind === 'stored' && (
        <Link
          to="/orders"
          search={answer.order_id === null || answer.order_id === undefined ? { q: answer.external_id ?? q } : { panel: answer.order_id }}
        >
          {t('common.open')}
        </Link>
      )}
    </li>
  )
}

/** Asks every connection's channel live for one id and says where it is, or that it was never there. */
export const ChannelAnswers = ({ q }: { readonly q: string }): ReactElement => {
  const { t } = useWords()
  const answers = useQuery({ queryKey: ['ask', q], queryFn: () => askChannels(q), staleTime: 30_000, retry: false })
  if (answers.isPending)
    return (
      <div role="status">
        <span className="t2">{t('find.asking')}</span>
        <Skeleton rows={2} />
      </div>
    )
  if (answers.isError) return <Failed error={answers.error} what={t('find.answers')} retry={() => void answers.refetch()} />
  if (answers.data.answers.length === 0) return <p className="t2">{t('find.nobody')}</p>
  return (
    <ul>
      {answers.data.answers.map((answer) => (
        <AnswerRow key={`${answer.connection_id}-${answer.external_id ?? ''}`} answer={answer} q={q} />
      ))}
    </ul>
  )
}
