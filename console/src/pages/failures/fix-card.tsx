import { Link } from '@tanstack/react-router'
import type { KeyboardEvent, ReactElement } from 'react'
import type { FailureGroup } from '../../api/failures.ts'
import { useWords } from '../../i18n/use-words.ts'
import { AccessFix } from './fixes/access-fix.tsx'
import { AckFix } from './fixes/ack-fix.tsx'
import { BindFix } from './fixes/bind-fix.tsx'
import { BindPlaceFix } from './fixes/bind-place-fix.tsx'
import type { FixProps } from './fixes/fix-props.ts'
import { CarrierFix, ParcelFix } from './fixes/parcel-fix.tsx'
import { PlaceFix } from './fixes/place-fix.tsx'
import { SubscribeFix } from './fixes/subscribe-fix.tsx'
import { ValueFix } from './fixes/value-fix.tsx'
import { WordFix } from './fixes/word-fix.tsx'

const Pointer = ({ group, text }: { readonly group: FailureGroup; readonly text: string }): ReactElement => {
  const { t } = useWords()
  return (
    <section className="sect row g12">
      <div className="grow">
        <h2>{t('failures.fix')}</h2>
        <p className="t2">{text}</p>
      </div>
      <Link to="/connections/$id" params={{ id: group.connection_id ?? '' }}>
        {t('failures.openConnection')}
      </Link>
    </section>
  )
}

/** Which remedy fits which cause. */
const remedyOf = ({ code, operation, fault_kind: fault }: FailureGroup): ((props: FixProps) => ReactElement | null) | undefined => {
  if (code === 'sku-unbound') return BindFix
  if (code === 'location-unmapped') return BindPlaceFix
  if (code.endsWith('location-ambiguous')) return PlaceFix
  if (operation === 'acknowledge') return AckFix
  if (operation === 'normalise') return code.endsWith('-unmapped') ? WordFix : ValueFix
  // Orders go on being read, so the access as a whole stands: what is lost is the subscription.
  if (operation === 'webhook') return SubscribeFix
  if (fault === 'unauthorized' || fault === 'misconfigured') return AccessFix
  if (operation === 'push-shipment') return code === 'carrier-unknown' ? CarrierFix : ParcelFix
  if (operation === 'cancel') return ParcelFix
  return undefined
}

/** Ctrl or Command with Enter, wherever one stands in the fix, does what its filled button does. */
const carryOut = (event: KeyboardEvent<HTMLDivElement>): void => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing || !(event.target instanceof HTMLElement)) return
  const button = (event.target.closest('.parcel') ?? event.currentTarget).querySelector<HTMLButtonElement>('.fix-go')
  if (button === null) return
  // A select would open its list at Enter.
  event.preventDefault()
  event.stopPropagation()
  button.click()
}

/** Puts the cursor into the first field of the fix, or on its button where there is nothing to fill in. */
export const goToFix = (): void => {
  const fix = document.querySelector('.fix')
  const first = fix?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea') ?? fix?.querySelector<HTMLElement>('button, a[href]')
  first?.focus()
}

const Fix = (props: FixProps): ReactElement | null => {
  const { t } = useWords()
  const { group } = props
  const Remedy = remedyOf(group)
  if (Remedy !== undefined) return <Remedy {...props} />
  if (group.connection_id === null) return null
  return <Pointer group={group} text={t(group.operation === 'push-stock' ? 'failures.fixEffect' : 'failures.fixPull')} />
}

/** What a person can do about the cause, by its kind. */
export const FixCard = (props: FixProps): ReactElement | null => {
  const { t } = useWords()
  return props.group.count === 0 ? null : (
    <div className="fix" role="group" aria-label={t('failures.fix')} onKeyDownCapture={carryOut}>
      <Fix {...props} />
    </div>
  )
}
