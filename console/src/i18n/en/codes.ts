/** Words for codes the hub sends. A code without a word here is shown as it came. */
export const codes = {
  disposition: { applied: 'Applied', superseded: 'Superseded', duplicate: 'Duplicate', held: 'Held', ignored: 'Ignored by rule', unprocessed: 'In progress' },
  hold: {
    'sku-unbound': 'SKU not bound', 'address-incomplete': 'Address incomplete', 'totals-mismatch': 'Totals do not add up', 'discount-mismatch': 'Discount shares differ', 'payment-mismatch': 'Payment differs', 'lines-missing': 'No lines', 'quantity-invalid': 'Quantities do not fit', 'cancel-requested': 'Cancel requested', manual: 'Held by a person',
    'waits-for-read': 'Waits for a full read from the channel', 'mapping-crashed': 'Mapping failed', 'value-refused': 'A value was refused', 'status-unmapped': 'Status not mapped', 'payment-status-unmapped': 'Payment status not mapped', 'refund-status-unmapped': 'Refund status not mapped', 'shipment-status-unmapped': 'Shipment status not mapped', 'payload-unreadable': 'Document not readable', 'document-unreadable': 'Document not readable', 'number-unreadable': 'Number not readable', 'time-unreadable': 'Time not readable', 'value-missing': 'A value is missing', 'type-unexpected': 'A value has another type', 'document-key-missing': 'Document number missing', 'not-armed': 'Connection is not armed', deleted: 'Deleted at the channel', refunded: 'Refunded',
  },
  failure: { 'mapping-failed': 'Document not understood', 'ack-rejected': 'ERP rejected', timeout: 'No answer in time', 'not-applied': 'Write was not applied', 'not-there-yet': 'Not yet visible at the channel' },
  failureHelp: {
    'sku-unbound': 'The channel sells a variant that has no SKU here. The orders are held, their documents are kept in full. Bind it and replay.', 'address-incomplete': 'Parts of the address are missing. The orders are held. Correct the address at the channel and read the order again, or release it.', 'totals-mismatch': 'The parts of these orders do not add up to their total. They are held as received; nothing was rounded away.',
    'payment-mismatch': 'The channel says paid, but the payments cover less. The orders are held.', 'mapping-crashed': 'These documents could not be mapped. They are kept as received and can be replayed once the mapping is fixed.', 'status-unmapped': 'The channel uses a status that is not mapped. It is never guessed.',
  },
  operation: { normalise: 'Normalise', pull: 'Pull', 'push-stock': 'Send stock', 'push-shipment': 'Send shipment', cancel: 'Cancel decision', acknowledge: 'ERP confirmation', webhook: 'Webhook', fetch: 'Fetch', listings: 'Read listings' },
  source: { poll: 'poll', hook: 'webhook', fetch: 'fetch', backfill: 'past', file: 'file', manual: 'by hand' },
  fact: {
    placed: 'Placed', paid: 'Paid', ingested: 'Received', normalised: 'Normalised', validated: 'Validated', approved: 'Approved', allocated: 'Allocated', released: 'Released', picked: 'Picked', packed: 'Packed', shipped: 'Shipped', channel_confirmed: 'Channel told', in_transit: 'In transit', out_for_delivery: 'Out for delivery', received: 'Delivered', cancel_requested: 'Cancel requested', cancelled: 'Cancelled',
  },
  factSource: { channel: 'channel', hub: 'hub', user: 'person', erp: 'ERP' },
  refundKind: { refund: 'Refund', cancellation: 'Cancellation', return: 'Return', adjustment: 'Adjustment' },
  refundState: { requested: 'requested', approved: 'approved', done: 'done', rejected: 'rejected' },
  ack: { accepted: '{{consumer}} accepted', rejected: '{{consumer}} rejected' },
  purpose: { support: 'Answer a buyer', shipping: 'Ship or deliver', fraud: 'Look into a suspicion', legal: 'Legal duty' },
  carrier: {
    SF: 'SF Express', ZTO: 'ZTO Express', YTO: 'YTO Express', STO: 'STO Express', YUNDA: 'Yunda Express', JD: 'JD Logistics', JT: 'J&T Express', EMS: 'EMS', DBL: 'Deppon', DHL: 'DHL Express', 'DHL-DE': 'DHL Paket', UPS: 'UPS', FEDEX: 'FedEx', USPS: 'USPS', DPD: 'DPD', GLS: 'GLS', EVRI: 'Evri', ROYALMAIL: 'Royal Mail', POSTNL: 'PostNL',
    COLISSIMO: 'Colissimo', CANADAPOST: 'Canada Post', AUSPOST: 'Australia Post', YAMATO: 'Yamato', SAGAWA: 'Sagawa', CAINIAO: 'Cainiao', YUNEXPRESS: 'YunExpress',
  },
  action: {
    'session_open': 'Signed in', 'session_close': 'Signed out', 'session_refused': 'Sign-in refused', 'session_password': 'Changed password', 'outbound_stop': 'Stopped outbound', 'outbound_start': 'Resumed outbound', 'connection_check': 'Checked a connection', 'connection_try': 'Tried settings', 'connection_create': 'Created a connection', 'connection_change': 'Changed a connection', 'connection_remove': 'Removed a connection', 'connection_pause': 'Paused a connection', 'connection_resume': 'Resumed a connection',
    'connection_pull': 'Pulled now', 'connection_backfill': 'Read the past', 'connection_arm': 'Armed a connection', 'connection_disarm': 'Stopped writing', 'listings_refresh': 'Read listings', 'order_pii': 'Revealed personal data', 'order_hold': 'Held an order', 'hold_release': 'Released a hold', 'job_cancel': 'Cancelled a job', 'key_create': 'Created a key', 'key_revoke': 'Revoked a key',
  },
} as const
