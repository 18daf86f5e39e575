import { useMutation } from '@tanstack/react-query'
import { AutoComplete, Button, Checkbox, Input, InputNumber, Modal } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { HubProblem } from '../../api/http.ts'
import { shipOrder } from '../../api/orders.ts'
import type { Order, OrderLine } from '../../api/orders.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { carriers } from '../../ui/carriers.ts'
import { tell } from '../../ui/undo.tsx'
import { useOrderRefresh } from './holds.tsx'
import { PICKUP } from './parcel.tsx'

/** Ordered, not cancelled, not shipped yet. */
export const left = (line: OrderLine): number =>
  Math.max(0, Number(line.quantity) - Number(line.cancelled ?? '0') - Number(line.shipped_total ?? '0'))

type Quantities = Readonly<Record<number, number>>
const allLeft = (order: Order): Quantities => Object.fromEntries(order.lines.map((line) => [line.line_no, left(line)]))

const LineTable = ({
  order,
  quantities,
  onChange,
}: {
  readonly order: Order
  readonly quantities: Quantities
  readonly onChange: (quantities: Quantities) => void
}): ReactElement => {
  const { t } = useWords()
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col">{t('order.lines')}</th>
          <th scope="col" className="n">
            {t('ship.left')}
          </th>
          <th scope="col" className="n">
            {t('ship.now')}
          </th>
        </tr>
      </thead>
      <tbody>
        {order.lines.map((line) => (
          <tr key={line.line_no}>
            <td>
              {line.title}
              <div className="s12 t3">{line.sku ?? line.channel_sku ?? '—'}</div>
            </td>
            <td className="n">{formatCount(left(line))}</td>
            <td className="n">
              <InputNumber
                min={0}
                max={left(line)}
                value={quantities[line.line_no] ?? 0}
                style={{ width: 80 }}
                aria-label={t('ship.quantityOf', { title: line.title })}
                onChange={(value) => onChange({ ...quantities, [line.line_no]: value ?? 0 })}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface Given {
  readonly order: Order
  /** The buyer collected the goods: there is no carrier and no number. */
  readonly collected: boolean
  readonly onClose: () => void
}

const Form = ({ order, collected, onClose }: Given): ReactElement => {
  const { t, label } = useWords()
  const refresh = useOrderRefresh()
  const [carrier, setCarrier] = useState('')
  const [tracking, setTracking] = useState('')
  const [quantities, setQuantities] = useState(() => allLeft(order))
  const [force, setForce] = useState(false)
  const [reason, setReason] = useState('')
  const blocked = order.cancelled || order.cancel_requested || order.holds.length > 0
  const lines = order.lines.flatMap((line) => {
    const quantity = quantities[line.line_no] ?? 0
    return quantity > 0 ? [{ line_no: line.line_no, quantity: String(quantity) }] : []
  })
  const ship = useMutation({
    mutationFn: () =>
      shipOrder(order.id, {
        ...(collected ? { carrier: PICKUP } : { carrier: carrier.trim(), tracking_no: tracking.trim() }),
        lines,
        ...(force ? { force: true, force_reason: reason.trim() } : {}),
      }),
    onSuccess: async () => {
      await refresh()
      onClose()
      tell(t(collected ? 'ship.collectedDone' : 'ship.done'))
    },
  })
  const missing =
    !collected && (carrier.trim() === '' || tracking.trim() === '')
      ? 'ship.needCarrier'
      : lines.length === 0
        ? 'ship.needLines'
        : blocked && !force
          ? 'ship.needForce'
          : force && reason.trim() === ''
            ? 'common.reasonNeeded'
            : undefined
  const fields = ship.error instanceof HubProblem ? ship.error.fields : []
  return (
    <div className="col g12">
      {collected ? (
        <p className="t2">{t('ship.collectedText')}</p>
      ) : (
        <>
          <label className="col g4">
            <span className="m5">{t('ship.carrier')}</span>
            <AutoComplete
              value={carrier}
              onChange={setCarrier}
              options={carriers.map((code) => ({ value: code, label: label('carrier', code) }))}
              filterOption={(text, option) => `${option?.value ?? ''} ${option?.label ?? ''}`.toLowerCase().includes(text.toLowerCase())}
            />
          </label>
          <label className="col g4">
            <span className="m5">{t('order.tracking')}</span>
            <Input value={tracking} maxLength={80} onChange={(event) => setTracking(event.target.value)} />
          </label>
        </>
      )}
      <LineTable order={order} quantities={quantities} onChange={setQuantities} />
      {blocked && (
        <div className="note bad col g8" style={{ alignItems: 'stretch' }}>
          <div>
            <b>{t(order.cancelled ? 'ship.cancelled' : order.cancel_requested ? 'ship.cancelRequested' : 'ship.held')}</b>{' '}
            {order.holds.map((hold) => label('hold', hold)).join(' · ')}
          </div>
          <Checkbox checked={force} onChange={(event) => setForce(event.target.checked)}>
            {t('ship.force')}
          </Checkbox>
          {force && (
            <Input
              value={reason}
              maxLength={300}
              aria-label={t('common.reason')}
              placeholder={t('common.reasonPlaceholder')}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </div>
      )}
      {ship.isError && (
        <div className="note bad col" role="alert" style={{ alignItems: 'flex-start' }}>
          <b>{ship.error.message}</b>
          {fields.map((field, index) => (
            <span key={index}>{field.message}</span>
          ))}
        </div>
      )}
      <div className="row g8" style={{ justifyContent: 'flex-end' }}>
        <Button onClick={onClose}>{t('common.back')}</Button>
        <Button
          type="primary"
          danger={force}
          loading={ship.isPending}
          aria-disabled={missing !== undefined}
          title={missing === undefined ? undefined : t(missing)}
          onClick={() => {
            if (missing === undefined) ship.mutate()
          }}
        >
          {t(force ? 'ship.submitForced' : collected ? 'ship.collected' : 'ship.submit')}
        </Button>
      </div>
    </div>
  )
}

/** Ships or hands over all or part of an order; against a hold or a cancel request only deliberately and with a reason. */
export const ShipDialog = ({ open, ...given }: Given & { readonly open: boolean }): ReactElement => {
  const { t } = useWords()
  return (
    <Modal
      open={open}
      onCancel={given.onClose}
      footer={null}
      width={560}
      destroyOnHidden
      title={t(given.collected ? 'ship.collected' : 'ship.title')}
    >
      {open && <Form {...given} />}
    </Modal>
  )
}
