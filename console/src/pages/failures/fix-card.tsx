import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useFailure } from '../../api/failures.ts'
import type { FailureGroup } from '../../api/failures.ts'
import { startReplay } from '../../api/jobs.ts'
import { reEmitOrder } from '../../api/orders.ts'
import { bindListings, useListings } from '../../api/stock.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { SkuPicker } from '../../ui/sku-picker.tsx'
import { tell } from '../../ui/undo.tsx'

interface FixProps {
  readonly group: FailureGroup
  readonly onReplay: (jobId: string) => void
}

const unboundCodes = ['sku-unbound']

/** Binds the channel's SKU to one of ours, alone or together with the replay of what waits for it. */
const BindFix = ({ group, onReplay }: FixProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const subject = group.subject ?? ''
  const [sku, setSku] = useState<string | undefined>(undefined)
  const listings = useListings(
    { connection: group.connection_id ?? undefined, q: subject, limit: 20 },
    group.connection_id !== null && subject !== '',
  )
  const listing = listings.items.find((one) => one.listing_key === subject || one.channel_sku === subject) ?? listings.items[0]
  const suggested = listing?.suggestions[0]
  const chosen = sku ?? suggested?.sku
  const bind = useMutation({
    mutationFn: async (replayToo: boolean) => {
      if (listing === undefined || chosen === undefined) throw new Error(t('failures.chooseSku'))
      const result = await bindListings([{ connection: listing.connection_id, listing_key: listing.listing_key, sku: chosen }])
      if (replayToo) onReplay((await startReplay({ group: group.id }, false)).id)
      return result
    },
    onSuccess: async (result) => {
      await queries.invalidateQueries({ predicate: (query) => /^\/v1\/(listings|failures|orders)/.test(String(query.queryKey[0])) })
      tell(t('failures.bound', { count: result.orders_to_replay }))
    },
  })
  if (!listings.query.isPending && listing === undefined) {
    return (
      <section className="sect col g8">
        <h2>{t('failures.fix')}</h2>
        <p className="t2">{t('failures.noListing')}</p>
        <Link to="/listings" search={{ connection: group.connection_id ?? '', bound: 'unbound' }}>
          {t('order.fixBinding')}
        </Link>
      </section>
    )
  }
  return (
    <section className="sect col g12">
      <h2>{t('failures.fixSku')}</h2>
      <div className="bind">
        <div className="quote el" title={listing?.title}>
          {listing?.channel_sku === undefined || listing.channel_sku === '' ? subject : listing.channel_sku}{' '}
          <span className="t3">{listing?.title}</span>
        </div>
        <Icon name="arrow" tone="mute" />
        <SkuPicker value={chosen} onChange={setSku} label={t('failures.fixSku')} hint={listing?.title} />
      </div>
      {suggested !== undefined && (
        <div className="row g8 s12">
          <span className="tag ok">
            <Icon name="ok" />
            {t('listings.suggested')}
          </span>
          <span className="t2">
            {suggested.sku} {suggested.title} · {t(`suggestionWhy.${suggested.why}`)}
          </span>
        </div>
      )}
      {bind.isError && (
        <div className="note bad" role="alert">
          {bind.error.message}
        </div>
      )}
      <div className="row g8">
        <Button
          loading={bind.isPending}
          aria-disabled={chosen === undefined}
          title={chosen === undefined ? t('failures.chooseSku') : undefined}
          onClick={() => {
            if (chosen !== undefined) bind.mutate(false)
          }}
        >
          {t('failures.bindOnly')}
        </Button>
        <Button
          loading={bind.isPending}
          aria-disabled={chosen === undefined}
          title={chosen === undefined ? t('failures.chooseSku') : undefined}
          onClick={() => {
            if (chosen !== undefined) bind.mutate(true)
          }}
          icon={<Icon name="replay" />}
        >
          {t('failures.bindAndReplay')}
        </Button>
      </div>
    </section>
  )
}

/** The ERP refused these orders; once it can take them, they go into the feed once more. */
const AckFix = ({ group }: { readonly group: FailureGroup }): ReactElement => {
  const { t } = useWords()
  const detail = useFailure(group.id)
  const ids = [...new Set((detail.data?.items ?? []).flatMap((item) => item.order_id ?? []))]
  const send = useMutation({
    mutationFn: async () => {
      for (const id of ids) await reEmitOrder(id)
    },
    onSuccess: () => tell(t('failures.reEmitted', { count: ids.length })),
  })
  return (
    <section className="sect col g8">
      <h2>{t('failures.fix')}</h2>
      <p className="t2">{t('failures.fixAck')}</p>
      {send.isError && (
        <div className="note bad" role="alert">
          {send.error.message}
        </div>
      )}
      <div>
        <Button
          icon={<Icon name="send" />}
          loading={send.isPending}
          aria-disabled={ids.length === 0}
          onClick={() => {
            if (ids.length > 0) send.mutate()
          }}
        >
          {t('failures.reEmit', { count: ids.length })}
        </Button>
      </div>
    </section>
  )
}

const Pointer = ({ text, children }: { readonly text: string; readonly children: ReactNode }): ReactElement => {
  const { t } = useWords()
  return (
    <section className="sect row g12">
      <div className="grow">
        <h2>{t('failures.fix')}</h2>
        <p className="t2">{text}</p>
      </div>
      {children}
    </section>
  )
}

/** What a person can do about the cause, by the kind of fault. */
export const FixCard = ({ group, onReplay }: FixProps): ReactElement | null => {
  const { t } = useWords()
  if (unboundCodes.includes(group.code)) return <BindFix group={group} onReplay={onReplay} />
  if (group.operation === 'acknowledge') return <AckFix group={group} />
  if (group.operation.startsWith('push') || group.operation === 'cancel') {
    return (
      <Pointer text={t('failures.fixEffect')}>
        <Link to="/effects" search={{ connection: group.connection_id ?? '', state: group.fault_kind === 'in-doubt' ? 'unknown' : 'refused' }}>
          {t('failures.openEffects')}
        </Link>
      </Pointer>
    )
  }
  if (group.connection_id === null || group.operation === 'normalise') return null
  const access = group.fault_kind === 'unauthorized' || group.fault_kind === 'misconfigured'
  return (
    <Pointer text={t(access ? 'failures.fixAccess' : 'failures.fixPull')}>
      <Link to="/connections/$id" params={{ id: group.connection_id }} search={access ? { tab: 'settings' } : {}}>
        {t(access ? 'connections.fixSettings' : 'failures.openConnection')}
      </Link>
    </Pointer>
  )
}
