import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { armPreview, disarm } from '../../api/connections.ts'
import type { ArmRow, ArmTarget, Connection } from '../../api/connections.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Status, StatusTag } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { tell } from '../../ui/undo.tsx'
import { StockMode } from './stock-mode.tsx'
import { UnpaidLimit } from './unpaid-limit.tsx'
import { PreviewChanged, armAsApproved } from './arm-again.ts'
import { VirtualRows } from '../../ui/virtual-rows.tsx'

const changeKinds: Readonly<Record<ArmRow['change'], StatusKind>> = {
  zero: 'oversell',
  lower: 'drift',
  raise: 'drift',
  same: 'ok',
  skip: 'readonly',
  send: 'armed',
}
const changes = ['zero', 'lower', 'raise', 'same', 'skip', 'send'] as const

const PreviewTable = ({ rows }: { readonly rows: readonly ArmRow[] }): ReactElement => {
  const { t, label } = useWords()
  return (
    <VirtualRows
      items={rows}
      rowHeight={44}
      height={360}
      label={t('arm.preview')}
      columns={[
        { key: 'title', title: t('arm.listing'), width: 'minmax(200px, 1fr)' },
        { key: 'sku', title: 'SKU', width: '180px' },
        { key: 'shown', title: t('arm.shownNow'), width: '110px', end: true },
        { key: 'set', title: t('arm.wouldSet'), width: '110px', end: true },
        { key: 'change', title: t('arm.change'), width: '220px' },
      ]}
      render={(row) => [
        <span key="title" className="el" title={row.title}>
          {row.title} <span className="t3 s12">{row.listing_key}</span>
        </span>,
        <span key="sku" className="el">
          {row.sku ?? '—'}
        </span>,
        <span key="shown">{formatCount(row.shown)}</span>,
        <span key="set" className="b">
          {formatCount(row.would_set)}
        </span>,
        <span key="change" className="el">
          <Status kind={changeKinds[row.change]}>{t(`arm.changes.${row.change}`)}</Status>
          {row.reason !== null && row.reason !== undefined && row.reason !== '' && <span className="t3 s12"> {label('armReason', row.reason)}</span>}
        </span>,
      ]}
    />
  )
}

interface ArmCardProps {
  readonly connection: Connection
  readonly what: ArmTarget
}

/** Starts or stops one kind of writing to one connection. Starting is only offered below the list of what would be told. */
const ArmCard = ({ connection, what }: ArmCardProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const armed = what === 'stock' ? connection.armed_stock : connection.armed_shipments
  const [asking, setAsking] = useState(false)
  const [zeroSeen, setZeroSeen] = useState(false)
  const preview = useQuery({ queryKey: ['arm-preview', connection.id, what, armed], queryFn: () => armPreview(connection.id, what), enabled: !armed })
  const settle = async (): Promise<void> => {
    setAsking(false)
    await queries.invalidateQueries({ queryKey: [`/v1/connections/${encodeURIComponent(connection.id)}`] })
    tell(t(armed ? 'arm.disarmed' : 'arm.armed', { name: connection.name }))
  }
  const change = useMutation({
    mutationFn: async () => {
      if (armed) await disarm(connection.id, [what])
      else if (preview.data !== undefined) await armAsApproved({ connection: connection.id, what, approved: preview.data, confirmZero: zeroSeen })
    },
    onSuccess: settle,
    onError: (error) => {
      if (error instanceof PreviewChanged) void preview.refetch()
    },
  })
  const problem = change.error instanceof PreviewChanged ? new Error(t('arm.changed')) : change.error
  const counts = preview.data?.counts ?? {}
  const zeros = counts['zero'] ?? 0
  const ready = armed || (preview.data !== undefined && (zeros === 0 || zeroSeen))
  return (
    <section className="card">
      <div className={armed ? 'row g8 pad' : 'card-head'}>
        <Status kind={armed ? 'armed' : 'readonly'} />
        <h2>{t(`arm.${what}`)}</h2>
        <span className="t2 grow">{t(armed ? `arm.${what}On` : `arm.${what}Off`)}</span>
      </div>
      {!armed && preview.isPending && <Skeleton rows={4} />}
      {!armed && preview.isError && <Failed error={preview.error} what={t('arm.preview')} retry={() => void preview.refetch()} />}
      {!armed && preview.data !== undefined && (
        <>
          <div className="pad row g8 wrap">
            {changes
              .filter((name) => (counts[name] ?? 0) > 0)
              .map((name) => (
                <StatusTag key={name} kind={changeKinds[name]}>
                  {t(`arm.changes.${name}`)} {formatCount(counts[name] ?? 0)}
                </StatusTag>
              ))}
          </div>
          {preview.data.items.length === 0 ? (
            <State icon="tag" title={t(what === 'stock' ? 'arm.noListings' : 'arm.noShipments')}>
              {t(what === 'stock' ? 'arm.noListingsHint' : 'arm.noShipmentsHint')}
            </State>
          ) : (
            <PreviewTable rows={preview.data.items} />
          )}
        </>
      )}
      <div className="card-foot row g12 wrap" style={armed ? { borderTop: 0, paddingTop: 0 } : {}}>
        {zeros > 0 && !armed && (
          <Checkbox checked={zeroSeen} onChange={(event) => setZeroSeen(event.target.checked)}>
            {t('arm.zeroSeen', { count: zeros })}
          </Checkbox>
        )}
        <span className="grow s12 t3">{armed ? '' : t('arm.safety')}</span>
        <Button
          type={armed ? 'default' : 'primary'}
          danger={armed}
          aria-disabled={!ready}
          title={ready ? undefined : t('arm.confirmZeroFirst')}
          icon={<Icon name={armed ? 'stopped' : 'armed'} />}
          onClick={() => {
            if (ready) setAsking(true)
          }}
        >
          {t(armed ? `arm.stop_${what}` : `arm.start_${what}`)}
        </Button>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        danger={armed}
        busy={change.isPending}
        error={problem}
        title={t(armed ? 'arm.disarmTitle' : 'arm.armTitle', { name: connection.name })}
        action={t(armed ? `arm.stop_${what}` : `arm.start_${what}`)}
        onConfirm={() => change.mutate()}
      >
        {armed
          ? t('arm.disarmText')
          : t('arm.armText', {
              raise: formatCount(counts['raise'] ?? 0),
              lower: formatCount(counts['lower'] ?? 0),
              zero: formatCount(zeros),
              same: formatCount(counts['same'] ?? 0),
            })}
      </Confirm>
    </section>
  )
}

export const ArmTab = ({ connection }: { readonly connection: Connection }): ReactElement => (
  <div className="col g12">
    <ArmCard connection={connection} what="stock" />
    <StockMode connection={connection} />
    <UnpaidLimit connection={connection} />
    <ArmCard connection={connection} what="shipments" />
  </div>
)
