import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { AutoComplete, Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useFailure } from '../../../api/failures.ts'
import type { FailureItem } from '../../../api/failures.ts'
import { addCarrier, correctEffect, pushAgain } from '../../../api/fixes.ts'
import { formatCount } from '../../../format/number.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { carriers } from '../../../ui/carriers.ts'
import { Icon } from '../../../ui/icon.tsx'
import { tell } from '../../../ui/undo.tsx'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'

const CarrierInput = ({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }): ReactElement => {
  const { t, label } = useWords()
  return (
    <AutoComplete
      aria-label={t('ship.carrier')}
      value={value}
      onChange={onChange}
      placeholder={t('fixes.chooseCarrier')}
      style={{ width: '100%', minWidth: 120 }}
      showSearch={{ filterOption: (typed, option) => `${option?.value ?? ''} ${option?.label ?? ''}`.toLowerCase().includes(typed.toLowerCase()) }}
      options={carriers.map((code) => ({ value: code, label: `${label('carrier', code)} · ${code}` }))}
    />
  )
}

/** The channel does not know our carrier: tell it another one from now on, and send what was refused once more. */
export const CarrierFix = ({ group }: FixProps): ReactElement => {
  const { t, label } = useWords()
  const fixed = useFixed()
  const [to, setTo] = useState('')
  const ours = group.subject ?? ''
  const send = useMutation({
    mutationFn: async () => {
      if (group.connection_id === null) throw new Error(t('fixes.chooseCarrier'))
      await addCarrier({ connection: group.connection_id, from: ours, to: to.trim(), reason: t('fixes.carrierReason'), group: group.id })
      return pushAgain(group.id, t('fixes.carrierReason'))
    },
    onSuccess: async ({ effects }) => {
      await fixed()
      tell(t('fixes.sentAgain', { count: effects }))
    },
  })
  const ready = to.trim() !== '' && to.trim() !== ours
  return (
    <section className="sect col g12">
      <h2>{t('fixes.fixCarrier')}</h2>
      <p className="t2">{t('fixes.carrierText')}</p>
      <div className="bind">
        <div className="quote el">
          {ours} <span className="t3">{label('carrier', ours)}</span>
        </div>
        <Icon name="arrow" tone="mute" />
        <CarrierInput value={to} onChange={setTo} />
      </div>
      {send.isError && (
        <div className="note bad" role="alert">
          {send.error.message}
        </div>
      )}
      <div>
        <Button
          type="primary"
          className="fix-go"
          icon={<Icon name="send" />}
          loading={send.isPending}
          aria-disabled={!ready}
          title={ready ? undefined : t('fixes.chooseCarrier')}
          onClick={() => ready && send.mutate()}
        >
          {t('fixes.carrierSend', { count: group.count })}
        </Button>
      </div>
    </section>
  )
}

/** One refused package with its carrier and number to correct. */
const Parcel = ({
  item,
  said,
  onSent,
}: {
  readonly item: FailureItem
  /** What stands above already. */
  readonly said: string | null | undefined
  readonly onSent: () => Promise<void>
}): ReactElement => {
  const { t } = useWords()
  const { effect } = item
  const message = effect?.message ?? item.message
  const [carrier, setCarrier] = useState(effect?.carrier ?? '')
  const [number, setNumber] = useState(effect?.tracking_no ?? '')
  const changed = carrier !== (effect?.carrier ?? '') || number !== (effect?.tracking_no ?? '')
  const send = useMutation({
    mutationFn: () => {
      if (effect === null || effect === undefined) throw new Error(t('fixes.nothingRefused'))
      return correctEffect(effect.id, { carrier: carrier.trim(), tracking_no: number.trim(), reason: t('fixes.correctReason') })
    },
    onSuccess: onSent,
  })
  return (
    <li className="col g4 parcel">
      <div className="row g8 wrap">
        {item.order_id !== null && item.order_id !== undefined && (
          <Link to="/orders/$id" params={{ id: item.order_id }} className="m5 nw">
            {item.channel_order_no}
          </Link>
        )}
        {message !== said && <span className="quote s12 break grow">“{message}”</span>}
      </div>
      <div className="parcel-fields">
        <CarrierInput value={carrier} onChange={setCarrier} />
        <Input value={number} aria-label={t('order.tracking')} maxLength={100} onChange={(event) => setNumber(event.target.value)} />
        <Button
          className="fix-go"
          size="small"
          icon={<Icon name="send" small />}
          loading={send.isPending}
          aria-disabled={!changed}
          title={changed ? undefined : t('fixes.changeFirst')}
          onClick={() => changed && send.mutate()}
        >
          {t('fixes.correctAndSend')}
        </Button>
      </div>
      {send.isError && (
        <span className="bad s12" role="alert">
          {send.error.message}
        </span>
      )}
    </li>
  )
}

const shown = 10

/** The channel refused these packages: its words, what to correct on each, and all of them once more. */
export const ParcelFix = ({ group }: FixProps): ReactElement => {
  const { t } = useWords()
  const fixed = useFixed()
  const detail = useFailure(group.id)
  const refused = (detail.data?.items ?? []).filter((item) => item.effect?.state === 'refused')
  const all = useMutation({
    mutationFn: () => pushAgain(group.id, t('fixes.againReason')),
    onSuccess: async ({ effects }) => {
      await fixed()
      tell(t('fixes.sentAgain', { count: effects }))
    },
  })
  return (
    <section className="sect col g12">
      <h2>{t('failures.fix')}</h2>
      <p className="t2">{t('failures.fixEffect')}</p>
      <ul className="col g12">
        {refused.slice(0, shown).map((item) => (
          <Parcel
            key={item.id}
            item={item}
            said={detail.data?.sample}
            onSent={async () => {
              await fixed()
              tell(t('fixes.sentAgain', { count: 1 }))
            }}
          />
        ))}
      </ul>
      {all.isError && (
        <div className="note bad" role="alert">
          {all.error.message}
        </div>
      )}
      <div className="row g12 wrap">
        <Button
          icon={<Icon name="send" />}
          loading={all.isPending}
          aria-disabled={refused.length === 0}
          onClick={() => refused.length > 0 && all.mutate()}
        >
          {t('fixes.sendAllAgain', { count: formatCount(group.count) })}
        </Button>
        <Link to="/effects" search={{ connection: group.connection_id ?? '', state: group.fault_kind === 'in-doubt' ? 'unknown' : 'refused' }}>
          {t('failures.openEffects')}
        </Link>
      </div>
    </section>
  )
}
