import type { FaultKind } from './faults.ts'
import type { Random } from './random.ts'
import type { ShopControl, TrickleMix } from './shop-control.ts'

const usual: Required<TrickleMix> = {
  place: 60,
  edit: 8,
  cancel: 5,
  requestCancel: 3,
  refund: 6,
  ship: 6,
  fault: 5,
  restock: 7,
}

/** Short-lived troubles a demo survives without a person. */
const mildFaults: readonly FaultKind[] = ['429', '500', '503', 'html', 'truncated', 'reset']

export interface TrickleOptions {
  readonly control: ShopControl
  readonly random: Random
  readonly skus: () => readonly string[]
}

/** A shop that is alive: orders, edits, cancellations, refunds, shipments and faults at a steady average rate. */
export function createTrickle({ control, random, skus }: TrickleOptions): (ratePerMinute: number, mix?: TrickleMix) => void {
  let timer: NodeJS.Timeout | undefined
  const act = (mix: Required<TrickleMix>): void => {
    const open = control.openOrders()
    const order = open.length > 0 ? random.pick(open) : undefined
    const kind = draw(mix, random)
    if (kind === 'fault') return control.setFault({ kind: random.pick(mildFaults), times: random.int(1, 3) })
    if (kind === 'restock') return restock(control, random, skus())
    if (kind === 'place' || order === undefined) return void control.shop()
    switch (kind) {
      case 'edit':
        return void control.edit(order)
      case 'cancel':
        return void control.cancelOrder(order)
      case 'requestCancel':
        return void control.requestCancel(order)
      case 'refund':
        return void control.refund(order, random.int(1, 100))
      case 'ship':
        return void control.ship(order)
    }
  }
  return (ratePerMinute, mix) => {
    clearTimeout(timer)
    if (ratePerMinute <= 0) return
    const full = { ...usual, ...mix }
    const again = (): void => {
      const wait = -Math.log(1 - random.next()) * (60_000 / ratePerMinute)
      timer = setTimeout(() => {
        act(full)
        again()
      }, wait)
      timer.unref()
    }
    again()
  }
}

function draw(mix: Required<TrickleMix>, random: Random): keyof TrickleMix {
  const kinds: readonly (keyof TrickleMix)[] = ['place', 'edit', 'cancel', 'requestCancel', 'refund', 'ship', 'fault', 'restock']
  let left = random.next() * kinds.reduce((sum, kind) => sum + mix[kind], 0)
  return kinds.find((kind) => (left -= mix[kind]) < 0) ?? 'place'
}

/** The seller refills what runs low, so that the demo does not sell out for good. */
function restock(control: ShopControl, random: Random, skus: readonly string[]): void {
  const low = skus.filter((sku) => (control.stockOf(sku) ?? 100) < 5)
  if (low.length > 0) control.setStock(random.pick(low), random.int(20, 80))
}
