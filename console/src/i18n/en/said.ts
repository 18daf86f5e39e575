/** Why an order is held and what became of a write: the hub’s own sentences; what people and channels said stands as they said it. */
export const said = {
  holdText: {
    'sku-unbound': '“{{name}}” is not bound to a SKU. Bind it, then replay; the order is kept whole.',
    'location-unmapped': '{{name}} is a place of the channel that is bound to none of ours. Choose which, then replay.',
    'stock-short': 'More of “{{name}}” is sold than there is. Find goods or cancel, then release.',
    'stock-short-there':
      'More of “{{name}}” is sold than there is at “{{place}}”, from where the channel says it goes. Find goods or cancel, then release.',
    'address-incomplete': 'The delivery address lacks: {{missing}}.',
    'totals-mismatch': 'The parts of the order do not add up to its total: {{amount}} is unexplained.',
    'discount-mismatch': 'A discount and its shares per line differ.',
    'payment-mismatch': 'The channel says paid, but {{paid}} of {{total}} is covered.',
    'lines-missing': 'The order has no lines.',
    'quantity-invalid': 'Line {{line}}: ordered {{ordered}}, cancelled {{cancelled}}, shipped {{shipped}}.',
    'cancel-requested': 'The buyer asks to cancel before shipping. Accept or reject it; shipping needs a deliberate force.',
  },
  holdField: {
    name: 'name',
    address: 'address',
    city: 'city',
  },
  effectSaid: {
    'no-outcome': 'The channel did not say what became of this write.',
    'fence-passed': 'This channel cannot be read back; the level is set again now that the old write can no longer land.',
    'not-readable': 'It cannot be read back. Look at the channel.',
    'not-there-yet': 'The channel does not show it yet.',
    'not-applied': 'Read back: the channel does not know it; it is sent again.',
    'waits-for-read': 'Waits for the order to be read again.',
    'no-shipment-writes': 'This channel takes no shipments from the hub.',
    'no-pickup': 'The hub cannot tell this channel that the buyer collected the goods: do it there.',
    'no-cancel-decisions': 'This channel cannot be told of this decision. Do it at the channel.',
    'not-sent': 'It was not its turn before the work had to end; nothing was sent.',
    'outbound-stopped': 'All outbound writes are stopped; nothing was sent.',
  },
} as const
