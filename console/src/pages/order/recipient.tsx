import { useMutation } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { openRecipient, revealOrder } from '../../api/orders.ts'
import type { Masked, OpenedRecipient, Order } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { isTree, member, text } from '../../ui/read-doc.ts'

const purposes = ['support', 'shipping', 'fraud', 'legal'] as const
const shownFor = 60_000
const fields = ['name', 'company', 'phone', 'email', 'address', 'district', 'city', 'province', 'postcode', 'country'] as const

const brief = ['name', 'phone', 'city'] as const

const inWords = (party: Masked, wanted: readonly string[]): string => wanted.flatMap((field) => text(member(party, field)) ?? []).join(' · ')

/** The recipient among the personal data of an order, wherever the document keeps it. */
const recipientOf = (order: Order): string => {
  const party = member(order.pii, 'recipient') ?? order.pii
  return isTree(party) ? inWords(party, fields) : ''
}

/** What the channel opened; a number that only leads to the buyer is said to be one. */
const openedInWords = (opened: OpenedRecipient, virtual: string): string => {
  const phone = opened.phone !== null && opened.is_virtual_phone ? `${opened.phone} (${virtual})` : opened.phone
  return [opened.name, phone, opened.address, opened.district, opened.city, opened.province].flatMap((part) => part ?? []).join(' · ')
}

/** Masked until somebody says what they need it for; in clear for one minute, and never kept. */
export const Recipient = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useWords()
  const [asking, setAsking] = useState(false)
  const [purpose, setPurpose] = useState<string>(purposes[0])
  const [clear, setClear] = useState<string | undefined>(undefined)
  const reveal = useMutation({
    mutationFn: async () =>
      order.recipient_sealed
        ? openedInWords(await openRecipient(order.id, purpose), t('order.virtualPhone'))
        : recipientOf(await revealOrder(order.id, purpose)),
    onSuccess: (shown) => {
      setAsking(false)
      setClear(shown || '—')
    },
  })
  useEffect(() => {
    if (clear === undefined) return undefined
    const timer = setTimeout(() => setClear(undefined), shownFor)
    return () => clearTimeout(timer)
  }, [clear])
  const masked = order.recipient_masked === null ? null : inWords(order.recipient_masked, brief)
  return (
    <span className="row g8 between">
      <span className="break">{clear ?? masked ?? '—'}</span>
      {masked !== null && (
        <Button
          size="small"
          icon={<Icon name="eye" />}
          onClick={() => {
            if (clear === undefined) setAsking(true)
            else setClear(undefined)
          }}
        >
          {t(clear === undefined ? 'order.reveal' : 'order.hide')}
        </Button>
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        busy={reveal.isPending}
        error={reveal.error}
        title={t('order.revealTitle')}
        action={t('order.reveal')}
        onConfirm={() => reveal.mutate()}
      >
        <div className="col g8">
          <p>{t('order.revealText')}</p>
          {order.recipient_sealed && <p className="t2">{t('order.revealSealed')}</p>}
          <Select
            aria-label={t('order.purpose')}
            value={purpose}
            onChange={setPurpose}
            options={purposes.map((one) => ({ value: one, label: t(`purpose.${one}`) }))}
          />
        </div>
      </Confirm>
    </span>
  )
}
