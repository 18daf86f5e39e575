// Vendure posts no webhooks of its own. This plugin posts thin, signed events: what kind, and which orders to look at.
const crypto = require('node:crypto')
const { EventBus, FulfillmentStateTransitionEvent, OrderStateTransitionEvent, PluginCommonModule, RefundStateTransitionEvent, VendurePlugin } = require('@vendure/core')

class EventPlugin {
  constructor(eventBus) {
    this.eventBus = eventBus
  }

  onApplicationBootstrap() {
    if (!process.env.HOOK_URL) return
    this.eventBus.ofType(OrderStateTransitionEvent).subscribe((e) => post(`order.${e.toState}`, { id: String(e.order.id), code: e.order.code }))
    this.eventBus.ofType(FulfillmentStateTransitionEvent).subscribe((e) =>
      post(`fulfillment.${e.toState}`, { id: String(e.fulfillment.id), orderIds: (e.fulfillment.orders ?? []).map((order) => String(order.id)) }))
    this.eventBus.ofType(RefundStateTransitionEvent).subscribe((e) => post(`refund.${e.toState}`, { id: String(e.refund.id), orderIds: [String(e.order.id)] }))
  }
}

function post(type, data) {
  const body = JSON.stringify({ type, at: new Date().toISOString(), data })
  const signature = crypto.createHmac('sha256', process.env.HOOK_SECRET ?? '').update(body).digest('hex')
  // The transaction that raised the event may not be committed yet: the hub reads the order back a moment later anyway.
  fetch(process.env.HOOK_URL, { method: 'POST', headers: { 'content-type': 'application/json', 'x-signature': signature }, body }).catch(() => {})
}

Reflect.decorate([VendurePlugin({ imports: [PluginCommonModule], compatibility: '^3.0.0' }), Reflect.metadata('design:paramtypes', [EventBus])], EventPlugin)
exports.EventPlugin = EventPlugin
