import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import type { OrderShipment } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Copy } from '../../ui/copy.tsx'

export const PICKUP = 'PICKUP'
const TILL = 'till:'

/** Carrier and number of a package, or that the buyer collected it. */
export const ParcelTitle = ({ shipment }: { readonly shipment: OrderShipment }): ReactElement => {
  const { label, sentence } = useWords()
  if (shipment.carrier === PICKUP) return <>{label('carrier', PICKUP)}</>
  return (
    <>
      {sentence('carrier', shipment.carrier) ?? shipment.carrier_name ?? shipment.carrier} {shipment.tracking_no}
      <Copy text={shipment.tracking_no} />
    </>
  )
}

/** The number of a package; of goods a till handed over, which till and which sale there. */
export const ParcelNumber = ({ shipment }: { readonly shipment: OrderShipment }): ReactElement => {
  const { t } = useWords()
  const connections = useConnections(30_000)
  const by = shipment.created_by ?? ''
  if (!by.startsWith(TILL)) return <>{t('order.package', { number: shipment.package_no })}</>
  const id = by.slice(TILL.length)
  const till = connections.data?.items.find((one) => one.id === id)?.name ?? id
  return <>{t('ship.collectedAt', { till, sale: shipment.package_no.replace(/^pickup\//, '') })}</>
}
